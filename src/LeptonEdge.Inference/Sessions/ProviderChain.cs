using Microsoft.ML.OnnxRuntime;

namespace LeptonEdge.Inference.Sessions;

/// <summary>Makes a session with the first execution provider that works, and notes why others did not.</summary>
internal static class ProviderChain
{
    public const string Cpu = "CPU";

    /// <summary>Tries the wished providers in order, each with those after it behind it, and the CPU last.</summary>
    /// <returns>The session, the first provider in it, and a sentence for each that was passed over.</returns>
    /// <exception cref="OnnxRuntimeException">Not even the CPU loads the model.</exception>
    public static (InferenceSession Session, string Provider, IReadOnlyList<string> PassedOver) Open(
        byte[] model, ModelSessionOptions wishes)
    {
        var passedOver = new List<string>();
        var left = wishes.ExecutionProviders.ToList();
        while (true)
        {
            using var options = Options(wishes);
            var appended = Append(options, left, passedOver);
            try
            {
                return (new InferenceSession(model, options), appended.FirstOrDefault(Cpu), passedOver);
            }
            catch (OnnxRuntimeException e) when (appended.Count > 0)
            {
                // The provider is there, but not for this model or this machine: go on with the next.
                passedOver.Add($"{appended[0]}: {e.Message}");
                left = appended[1..];
            }
        }
    }

    private static List<string> Append(SessionOptions options, List<string> providers, List<string> passedOver)
    {
        var appended = new List<string>();
        foreach (var provider in providers)
        {
            try
            {
                if (AppendOne(options, provider))
                    appended.Add(provider);
            }
            catch (Exception e) when (e is OnnxRuntimeException or NotSupportedException or TypeLoadException)
            {
                passedOver.Add($"{provider}: {e.Message}");
            }
        }

        return appended;
    }

    private static bool AppendOne(SessionOptions options, string provider)
    {
        switch (provider.ToUpperInvariant().Replace("EXECUTIONPROVIDER", "", StringComparison.Ordinal))
        {
            case "CPU":
                // Whatever stands behind the CPU would never be asked, and the CPU comes last by itself.
                return false;
            case "CUDA":
                options.AppendExecutionProvider_CUDA();
                return true;
            case "TENSORRT":
                options.AppendExecutionProvider_Tensorrt();
                return true;
            default:
                options.AppendExecutionProvider(provider);
                return true;
        }
    }

    private static SessionOptions Options(ModelSessionOptions wishes)
    {
        // The arena and the memory pattern stay on: without them the bearing model took 40 % longer for the same
        // memory.
        var options = new SessionOptions
        {
            IntraOpNumThreads = wishes.Threads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };

        // A thread that spins between two windows would take the core that the sensors need.
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        if (wishes.ProfilePrefix is { } prefix)
        {
            options.ProfileOutputPathPrefix = prefix;
            options.EnableProfiling = true;
        }

        return options;
    }
}
