using System.Runtime.InteropServices;

namespace Microsoft.ML.OnnxRuntime.Native;

/// <summary>Finds and loads libonnxruntime, once, and holds its function table for the process's life.</summary>
internal static unsafe class OrtLibrary
{
    /// <summary>Names the library file to load in place of the one that was built in.</summary>
    public const string PathVariable = "LEPTON_ONNXRUNTIME";

    // Every entry of our table is older than this, and a library answers any version up to its own: so a board's
    // old library serves as well as the newest.
    private const uint ApiVersion = 14;

    private static readonly Lock Gate = new();
    private static OrtApi* s_api;
    private static nint s_library;
    private static string s_version = "";

    /// <summary>The function table. Loads the library on first use.</summary>
    /// <exception cref="DllNotFoundException">No library; the message names each place that was tried.</exception>
    public static OrtApi* Api => s_api != null ? s_api : Load();

    /// <summary>The library's own version, such as 1.30.0.</summary>
    public static string Version
    {
        get
        {
            _ = Api;
            return s_version;
        }
    }

    private static OrtApi* Load()
    {
        lock (Gate)
        {
            if (s_api != null)
                return s_api;
            var library = Open(out var path);
            if (!NativeLibrary.TryGetExport(library, "OrtGetApiBase", out var entry))
                throw new DllNotFoundException($"'{path}' is not ONNX Runtime: it has no OrtGetApiBase");
            var apiBase = ((delegate* unmanaged<OrtApiBase*>)entry)();
            s_version = Utf8.ToManaged(apiBase->GetVersionString());
            var api = apiBase->GetApi(ApiVersion);
            if (api == null)
                throw new DllNotFoundException(
                    $"'{path}' is ONNX Runtime {s_version}; 1.{ApiVersion} or later is needed");
            s_library = library;
            return s_api = api;
        }
    }

    /// <summary>The one function outside the table that we call; its first home was an exported symbol.</summary>
    public static nint AppendCpu(nint sessionOptions, int useArena)
    {
        _ = Api;
        var append = NativeLibrary.GetExport(s_library, "OrtSessionOptionsAppendExecutionProvider_CPU");
        return ((delegate* unmanaged<nint, int, nint>)append)(sessionOptions, useArena);
    }

    private static nint Open(out string path)
    {
        var chosen = Environment.GetEnvironmentVariable(PathVariable);
        if (!string.IsNullOrEmpty(chosen))
        {
            path = chosen;
            // The loader's own error says why (wrong processor, a library it needs in turn): keep it.
            try { return NativeLibrary.Load(chosen); }
            catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
            {
                throw new DllNotFoundException($"{PathVariable} names '{chosen}', which does not load: {e.Message}", e);
            }
        }
        var tried = new List<string>();
        foreach (var candidate in Candidates())
        {
            path = candidate;
            if ((!Path.IsPathRooted(candidate) || File.Exists(candidate))
                && NativeLibrary.TryLoad(candidate, out var library))
                return library;
            tried.Add(candidate);
        }
        throw new DllNotFoundException(
            $"ONNX Runtime's library was not found (tried {string.Join(", ", tried)}). "
            + $"Rebuild with npm installed, or set {PathVariable}=/path/to/libonnxruntime.so");
    }

    private static IEnumerable<string> Candidates()
    {
        var arch = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
        var packaged = Path.Combine("runtimes", $"linux-{arch}", "native", "libonnxruntime.so");
        yield return Path.Combine(AppContext.BaseDirectory, packaged);
        yield return Path.Combine(AppContext.BaseDirectory, "libonnxruntime.so");
        // The system's: first the name that a runtime package installs, then the development package's link.
        yield return "libonnxruntime.so.1";
        yield return "libonnxruntime.so";
    }
}
