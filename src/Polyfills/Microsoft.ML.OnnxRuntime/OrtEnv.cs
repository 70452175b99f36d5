using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime.Native;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>Receives ONNX Runtime's log messages, from any thread.</summary>
public delegate void DOrtLoggingFunction(
    IntPtr param, OrtLoggingLevel severity, string category, string logId, string codeLocation, string message);

/// <summary>What the one environment is made with. Unset fields take ONNX Runtime's defaults.</summary>
public struct EnvironmentCreationOptions
{
    public string? logId;
    public OrtLoggingLevel? logLevel;
    public IntPtr? loggingParam;
    public DOrtLoggingFunction? loggingFunction;
}

/// <summary>ONNX Runtime's environment: one in a process, holding the log sink.</summary>
public sealed unsafe class OrtEnv : SafeHandle
{
    private static readonly Lock Gate = new();
    private static volatile OrtEnv? s_instance;
    private static DOrtLoggingFunction? s_loggingFunction;

    private readonly OrtApi* _api = OrtLibrary.Api;

    private OrtEnv(in EnvironmentCreationOptions options)
        : base(IntPtr.Zero, ownsHandle: true)
    {
        using var logId = new Utf8(options.logId ?? "CSharpOnnxRuntime");
        var level = (int)(options.logLevel ?? OrtLoggingLevel.ORT_LOGGING_LEVEL_WARNING);
        nint created;
        if (options.loggingFunction is null)
        {
            Status.Check(_api->CreateEnv(level, logId.Pointer, &created));
        }
        else
        {
            s_loggingFunction = options.loggingFunction;
            var sink = (nint)(delegate* unmanaged<nint, int, byte*, byte*, byte*, byte*, void>)&Forward;
            var param = options.loggingParam ?? 0;
            Status.Check(_api->CreateEnvWithCustomLogger(sink, param, level, logId.Pointer, &created));
        }
        SetHandle(created);
    }

    /// <summary>Whether the environment exists already, so that options for it would come too late.</summary>
    public static bool IsCreated => s_instance is not null;

    public override bool IsInvalid => handle == IntPtr.Zero;

    /// <summary>The environment, made with defaults if there is none yet.</summary>
    public static OrtEnv Instance()
    {
        if (s_instance is { } existing)
            return existing;
        lock (Gate)
            return s_instance ??= new OrtEnv(default);
    }

    /// <summary>Makes the environment.</summary>
    /// <exception cref="OnnxRuntimeException">There is one already.</exception>
    public static OrtEnv CreateInstanceWithOptions(ref EnvironmentCreationOptions options)
    {
        lock (Gate)
        {
            if (s_instance is not null)
                throw new OnnxRuntimeException(
                    ErrorCode.RuntimeException,
                    "OrtEnv singleton instance already exists, supplied options would not have effect");
            return s_instance = new OrtEnv(options);
        }
    }

    /// <summary>Version of the native library.</summary>
    public string GetVersionString() => OrtLibrary.Version;

    /// <summary>Execution providers that the library was built with, such as CPUExecutionProvider.</summary>
    public string[] GetAvailableProviders()
    {
        byte** names;
        int count;
        Status.Check(_api->GetAvailableProviders(&names, &count));
        try
        {
            var providers = new string[count];
            for (var i = 0; i < count; i++)
                providers[i] = Utf8.ToManaged(names[i]);
            return providers;
        }
        finally
        {
            Status.Check(_api->ReleaseAvailableProviders(names, count));
        }
    }

    public void EnableTelemetryEvents() => Status.Check(_api->EnableTelemetryEvents(handle));

    public void DisableTelemetryEvents() => Status.Check(_api->DisableTelemetryEvents(handle));

    internal nint Pointer => handle;

    protected override bool ReleaseHandle()
    {
        _api->ReleaseEnv(handle);
        handle = IntPtr.Zero;
        return true;
    }

    [UnmanagedCallersOnly]
    private static void Forward(nint param, int severity, byte* category, byte* logId, byte* location, byte* message)
    {
        // An exception must not unwind into native code: a broken log sink loses its message, not the process.
        try
        {
            s_loggingFunction?.Invoke(param, (OrtLoggingLevel)severity, Utf8.ToManaged(category),
                Utf8.ToManaged(logId), Utf8.ToManaged(location), Utf8.ToManaged(message));
        }
        catch (Exception)
        {
        }
    }
}
