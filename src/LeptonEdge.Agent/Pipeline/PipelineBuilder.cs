using LeptonEdge.Agent.Configuration;
using LeptonEdge.Agent.Metering;
using LeptonEdge.Agent.Offload;
using LeptonEdge.Agent.Sensing;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Plans;
using LeptonEdge.Core.Signals;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Sync.Uplink;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Agent.Pipeline;

/// <summary>Makes drivers, channels and workloads fit each other, or names everything that does not.</summary>
public sealed class PipelineBuilder(
    AgentConfiguration configuration, PipelineQueue queue, RecordWriter writer, Heartbeats heartbeats,
    InferenceRouter router, LocalModels models, UsageMeter meter, TimeProvider clock, ILoggerFactory loggers)
{
    private readonly List<ConfigurationFault> _faults = [];
    private readonly Dictionary<ChannelName, ChannelRuntime> _channels = [];
    private readonly List<WorkloadRunner> _workloads = [];

    /// <exception cref="ConfigurationException">A sensor, a channel or a model cannot be used; carries every
    /// fault.</exception>
    public AgentPipeline Build()
    {
        var sensors = new List<SensorIntake>();
        foreach (var sensor in configuration.Sensors)
        {
            if (BuildSensor(sensor) is { } intake)
                sensors.Add(intake);
        }

        for (var i = 0; i < configuration.Workloads.Count; i++)
            BuildWorkload(configuration.Workloads[i], $"workloads[{i}]");
        if (_faults.Count == 0)
            return new AgentPipeline(sensors, [.. _channels.Values], _workloads, queue, writer);
        foreach (var workload in _workloads)
            workload.Dispose();
        throw new ConfigurationException(_faults);
    }

    private SensorIntake? BuildSensor(SensorConfiguration sensor)
    {
        ISensorDriver driver;
        try
        {
            driver = DriverFactory.Create(sensor.Options, clock, loggers.CreateLogger<ISensorDriver>());
        }
        catch (SensorException fault)
        {
            Fault(sensor.Key, fault.Message);
            return null;
        }

        var channels = new List<ChannelRuntime>();
        foreach (var facts in driver.Channels)
        {
            var channel = new ChannelRuntime(facts, configuration.Uploads.For(facts.Name), queue, clock);
            if (!_channels.TryAdd(facts.Name, channel))
                Fault(
                    sensor.Key, $"channel '{facts.Name}' is delivered by another sensor already: give it another name");
            channels.Add(channel);
        }

        // The slowest channel sets the pace; one late reading is no reason to restart the agent, several are.
        var slowest = driver.Channels.Count == 0 ? 1 : driver.Channels.Min(channel => channel.RateHz);
        var patience = TimeSpan.FromSeconds(Math.Max(10, 5 / slowest));
        return new SensorIntake(sensor.Key, driver, channels, heartbeats.Add(sensor.Key, patience));
    }

    private void BuildWorkload(WorkloadConfiguration workload, string key)
    {
        if (LoadBundle(workload.Model, $"{key}.model") is not { } bundle)
            return;
        var manifest = bundle.Manifest;
        var channels = ChannelsOf(workload, manifest, key);
        var question = BuildQuestion(workload, manifest, key);
        var split = BuildSplit(workload, question, key);
        CheckOffload(workload, manifest, question, key);
        if (channels.Count == 0)
            return;
        try
        {
            var model = models.Load(workload.Id, bundle);
            var runner = new WorkloadRunner(
                workload, channels[0].Name, model, question, queue, clock, loggers.CreateLogger<WorkloadRunner>(),
                split);
            runner.Connect(router);
            _workloads.Add(runner);
            Connect(runner, manifest, channels, $"{key}.hop");
        }
        catch (Exception fault) when (fault is ModelBundleException or TransformException)
        {
            Fault($"{key}.model", $"{workload.Model} cannot be run: {fault.Message}");
        }
    }

    private void Connect(WorkloadRunner runner, ModelManifest manifest, List<ChannelRuntime> channels, string hopKey)
    {
        var hop = runner.Configuration.Hop ?? manifest.WindowSamples;
        if (manifest.Channels.Count > 0)
        {
            if (hop > manifest.WindowSamples)
            {
                Fault(hopKey, $"{hop} rows would leave rows out: use 1 to {manifest.WindowSamples}");
                return;
            }

            var rows = new RowWindowFeed(
                runner, channels.Count, manifest.WindowSamples, hop, manifest.SampleRateHz, clock);
            for (var i = 0; i < channels.Count; i++)
                channels[i].Feed(rows.Column(i));
            return;
        }

        var channel = channels[0];
        var policy = channel.Policy;
        if (policy.WindowsBefore + policy.WindowsAfter > 0)
            runner.Ring = new RawWindowRing(
                channel.Name, channel.Facts.RateHz, manifest.WindowSamples, policy.WindowsBefore, policy.WindowsAfter);
        channel.Feed(new SampleWindowFeed(channel, runner, manifest.WindowSamples, hop, queue, clock));
    }

    private HubQuestion? BuildQuestion(WorkloadConfiguration workload, ModelManifest local, string key)
    {
        if (workload.HubModel is not { } reference || configuration.Hub is not { Grpc.Count: > 0 })
            return null;
        var first = workload.Offload == OffloadMode.Split
            ? LoadFirstStage(workload.Id, reference, $"{key}.hub_model") : null;
        if (workload.Offload == OffloadMode.Split && first is null)
            return null;
        if ((first?.Manifest ?? LoadManifest(reference, $"{key}.hub_model")) is not { } manifest)
            return null;
        if (manifest.TransformSamples == local.TransformSamples && manifest.SampleRateHz == local.SampleRateHz)
            return new HubQuestion(workload.Id, manifest, workload.Priority, clock, first)
            {
                Meter = meter.For(workload.Id, first?.Second ?? reference),
            };
        first?.Dispose();
        Fault($"{key}.hub_model",
            $"{reference} takes {manifest.TransformSamples} samples at {manifest.SampleRateHz} Hz, "
            + $"{local.Reference} takes {local.TransformSamples} at {local.SampleRateHz} Hz: "
            + "both must take the same window");
        return null;
    }

    /// <summary>The split model beside the whole one, where a plan may choose.</summary>
    private HubQuestion? BuildSplit(WorkloadConfiguration workload, HubQuestion? whole, string key)
    {
        if (workload is not { Offload: OffloadMode.Plan, OffersSplit: true, HubModel: { } reference }
            || LoadFirstStage(workload.Id, reference, $"{key}.hub_model") is not { } first)
            return null;
        if (whole is null)
        {
            first.Dispose();
            return null;
        }

        if (whole.SharesInputOf(first.Manifest))
        {
            return new HubQuestion(workload.Id, first.Manifest, workload.Priority, clock, first)
            {
                Tally = whole.Tally, Meter = meter.For(workload.Id, first.Second),
            };
        }

        first.Dispose();
        Fault($"{key}.hub_model",
            $"the first stage of {reference} takes another input than {reference} itself: split it again "
            + "(lepton model split)");
        return null;
    }

    private FirstStage? LoadFirstStage(WorkloadId workload, ModelReference whole, string key)
    {
        try
        {
            var reference = ModelStage.NameOf(whole, 1);
            var bundle = ModelBundle.Load(configuration.ModelsDirectory, reference);
            return new FirstStage(bundle, configuration.Lane) { Meter = meter.For(workload, reference) };
        }
        catch (Exception fault) when (fault is ModelBundleException or FormatException)
        {
            Fault(key, $"a split runs the first stage of {whole} here: {fault.Message} (lepton model split makes it)");
            return null;
        }
    }

    private void CheckOffload(
        WorkloadConfiguration workload, ModelManifest local, HubQuestion? question, string key)
    {
        var isPlanned = workload.Offload == OffloadMode.Plan;
        var needsHub = isPlanned
            ? workload.OffersCascade || workload.OffersSplit
            : workload.Offload != OffloadMode.Local;
        if (needsHub && configuration.Hub is not { Grpc.Count: > 0 })
            Fault(
                isPlanned ? $"{key}.choices" : $"{key}.offload",
                "needs a hub that infers: give its address under hub.grpc");
        if (workload is { OffersCascade: true, Cascade.UnsureBelow: not null } && question is not null
            && !local.Score.GivesConfidence)
            Fault($"{key}.cascade",
                $"{local.Reference} gives no probabilities: say which scores are unsure, such as "
                + "cascade: { unsure_between: [0.3, 0.7] }");
    }

    private List<ChannelRuntime> ChannelsOf(WorkloadConfiguration workload, ModelManifest manifest, string key)
    {
        var names = workload.Channels.Count > 0
            ? workload.Channels
            : [.. manifest.Channels.Select(channel => channel.Value)];
        var channels = new List<ChannelRuntime>();
        foreach (var name in names)
        {
            var channel = _channels.Values.FirstOrDefault(candidate => candidate.Name.Value == name);
            if (channel is not null)
                channels.Add(channel);
            else
                Fault($"{key}.channels", $"no sensor delivers '{name}': " + Known(name));
        }

        var wanted = Math.Max(1, manifest.Channels.Count);
        if (channels.Count != wanted && channels.Count == names.Count)
            Fault($"{key}.channels", $"{manifest.Reference} takes {wanted} channel(s), {channels.Count} are given");
        foreach (var channel in channels.Where(channel =>
            Math.Abs(channel.Facts.RateHz / manifest.SampleRateHz - 1) > 0.01))
            Fault($"{key}.channels",
                $"'{channel.Name}' runs at {channel.Facts.RateHz} Hz, {manifest.Reference} takes "
                + $"{manifest.SampleRateHz} Hz");
        return channels.Count == wanted ? channels : [];
    }

    private string Known(string name) =>
        Spelling.Nearest(name, _channels.Keys.Select(channel => channel.Value)) is { } meant
            ? $"did you mean '{meant}'?"
            : $"the sensors deliver {string.Join(", ", _channels.Keys.Take(40))}";

    private ModelBundle? LoadBundle(ModelReference reference, string key)
    {
        try
        {
            return ModelBundle.Load(configuration.ModelsDirectory, reference);
        }
        catch (ModelBundleException fault)
        {
            Fault(key, fault.Message);
            return null;
        }
    }

    // Of a model that the hub runs, the device needs the manifest alone.
    private ModelManifest? LoadManifest(ModelReference reference, string key)
    {
        var folder = Path.Combine(configuration.ModelsDirectory, reference.Name, reference.Version);
        try
        {
            return ModelManifest.Parse(File.ReadAllBytes(Path.Combine(folder, ModelBundle.ManifestName)), folder);
        }
        catch (Exception fault) when (fault is ModelBundleException or IOException or UnauthorizedAccessException)
        {
            Fault(key, fault.Message);
            return null;
        }
    }

    private void Fault(string key, string problem) =>
        _faults.Add(new ConfigurationFault(configuration.File, 0, key, problem));
}
