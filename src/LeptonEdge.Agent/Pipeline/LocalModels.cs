using LeptonEdge.Agent.Configuration;
using LeptonEdge.Agent.Metering;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Plans;
using LeptonEdge.Core.Signals;
using LeptonEdge.Inference.Bundles;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Agent.Pipeline;

/// <summary>Loads models from the device's models folder, and puts another one in service in a workload, make before
/// break: it is loaded and proven beside the one that works, off the lane.</summary>
/// <param name="folder">The models folder: NAME/VERSION/manifest.json.</param>
public sealed class LocalModels(string folder, LaneSettings lane, UsageMeter meter, ILogger<LocalModels> logger)
{
    /// <summary>Loads a model for one workload, proves it, and says where it runs.</summary>
    /// <exception cref="ModelBundleException">The model cannot be loaded or run.</exception>
    /// <exception cref="TransformException">The manifest's transforms do not fit.</exception>
    public LocalModel Load(WorkloadId workload, ModelBundle bundle)
    {
        var model = new LocalModel(bundle, lane) { Meter = meter.For(workload, bundle.Reference) };
        if (model.ProvidersPassedOver.Count == 0)
            LocalModelsLog.Runs(logger, workload, model.Reference, model.ExecutionProvider);
        else
            LocalModelsLog.RunsInstead(
                logger, workload, model.Reference, model.ExecutionProvider,
                string.Join("; ", model.ProvidersPassedOver));
        return model;
    }

    /// <summary>Puts a model in service, unless it is already. One that cannot be used is refused: the log and
    /// <see cref="WorkloadRunner.ModelRefused"/> say why, and the one in service stays.</summary>
    /// <param name="wanted">NAME/VERSION.</param>
    public void Bring(WorkloadRunner workload, string wanted)
    {
        var before = workload.Model.Reference;
        if (wanted == before.ToString())
        {
            workload.ModelRefused = "";
            return;
        }

        try
        {
            var bundle = ModelBundle.Load(folder, ModelReference.Parse(wanted));
            if (Misfit(workload, bundle.Manifest) is { } misfit)
            {
                Refuse(workload, wanted, misfit);
                return;
            }

            workload.Swap(Load(workload.Id, bundle));
            workload.ModelRefused = "";
            LocalModelsLog.Swapped(logger, workload.Id, bundle.Reference, before);
        }
        catch (Exception fault) when (fault is ModelBundleException or TransformException or FormatException)
        {
            Refuse(workload, wanted, fault.Message);
        }
    }

    /// <summary>Why a model cannot take the windows that the workload's are cut into; null when it can.</summary>
    private static string? Misfit(WorkloadRunner workload, ModelManifest wanted)
    {
        var inService = workload.Model.Manifest;
        if (wanted.WindowSamples != inService.WindowSamples || wanted.SampleRateHz != inService.SampleRateHz)
            return $"it takes {wanted.WindowSamples} samples at {wanted.SampleRateHz} Hz, the workload's windows have "
                + $"{inService.WindowSamples} at {inService.SampleRateHz} Hz";
        if (!wanted.Channels.SequenceEqual(inService.Channels))
            return $"it takes the channels [{string.Join(", ", wanted.Channels)}], "
                + $"the workload has [{string.Join(", ", inService.Channels)}]";
        return workload.Configuration is { OffersCascade: true, Cascade.UnsureBelow: not null }
            && !wanted.Score.GivesConfidence
            ? "it gives no probabilities, by which the workload's cascade knows what it is unsure of"
            : null;
    }

    private void Refuse(WorkloadRunner workload, string wanted, string reason)
    {
        workload.ModelRefused = $"{wanted}: {reason}";
        LocalModelsLog.Refused(logger, workload.Id, wanted, workload.Model.Reference, reason);
    }
}

internal static partial class LocalModelsLog
{
    [LoggerMessage(1, LogLevel.Information, "Workload {Workload}: model {Model} runs on {Provider}")]
    public static partial void Runs(ILogger logger, WorkloadId workload, ModelReference model, string provider);

    [LoggerMessage(2, LogLevel.Warning,
        "Workload {Workload}: model {Model} runs on {Provider}, not where it was wished: {Reasons}")]
    public static partial void RunsInstead(
        ILogger logger, WorkloadId workload, ModelReference model, string provider, string reasons);

    [LoggerMessage(3, LogLevel.Information, "Workload {Workload}: model {Model} is in service in place of {Before}")]
    public static partial void Swapped(
        ILogger logger, WorkloadId workload, ModelReference model, ModelReference before);

    [LoggerMessage(4, LogLevel.Error,
        "Workload {Workload}: model {Wanted} is refused, {InService} stays in service: {Reason}")]
    public static partial void Refused(
        ILogger logger, WorkloadId workload, string wanted, ModelReference inService, string reason);
}
