using System.Runtime.InteropServices;
using LeptonEdge.Cli.Contexts;
using Microsoft.ML.OnnxRuntime;

namespace LeptonEdge.Cli.Commands;

/// <summary>What is asked of the machine itself.</summary>
internal static class MachineChecks
{
    // adjtimex(2): the kernel's own word on whether somebody keeps its clock.
    private const int TimeError = 5;
    private const int TimexBytes = 208;

    public static IEnumerable<Finding> All()
    {
        if (OperatingSystem.IsLinux())
            yield return TimeSync();
        yield return OnnxRuntime();
        if (File.Exists(ContextFile.Path))
            yield return FileChecks.Secret("contexts", ContextFile.Path);
    }

    private static Finding TimeSync()
    {
        const string Check = "time-sync";
        var state = Adjust(new byte[TimexBytes]);
        return state is >= 0 and < TimeError
            ? Finding.Ok(Check, "the kernel's clock is kept by a time service")
            : Finding.Warn(
                Check, "no time service keeps this machine's clock",
                "switch one on, such as: timedatectl set-ntp true (or install chrony)");
    }

    private static Finding OnnxRuntime()
    {
        const string Check = "onnx-runtime";
        try
        {
            return Finding.Ok(Check, $"ONNX Runtime {OrtEnv.Instance().GetVersionString()} loads");
        }
        catch (Exception fault) when (fault is DllNotFoundException or TypeInitializationException
            or BadImageFormatException or EntryPointNotFoundException)
        {
            return Finding.Fail(
                Check, (fault.InnerException ?? fault).Message,
                "set LEPTON_ONNXRUNTIME to this board's libonnxruntime.so (1.14 or later), or install lepton whole");
        }
    }

    [DllImport("libc", EntryPoint = "adjtimex")]
    private static extern int Adjust(byte[] timex);
}
