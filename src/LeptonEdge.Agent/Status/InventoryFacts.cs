using System.Runtime.InteropServices;
using System.Text;
using LeptonEdge.Protocol.V1;

namespace LeptonEdge.Agent.Status;

/// <summary>What the machine consists of, in its own system's words; what it does not say is empty.</summary>
/// <param name="root">Of the file system; another one in tests.</param>
public sealed class InventoryFacts(string root = "/")
{
    private const int LengthMax = 128;
    private const int FileBytesMax = 16 * 1024;

    public ReportedInventory Read() => new()
    {
        OsName = Short(OsName()),
        Kernel = Short(Text("proc/sys/kernel/osrelease")),
        Architecture = RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant(),
        Processor = Short(Processor()),
    };

    // os-release(5): the file of /etc comes first; values may be quoted, and the last assignment counts.
    private string OsName()
    {
        var text = Text("etc/os-release");
        if (text.Length == 0)
            text = Text("usr/lib/os-release");
        var pretty = Values(text, "PRETTY_NAME", '=').LastOrDefault();
        return Unquote(pretty ?? Values(text, "NAME", '=').LastOrDefault() ?? "");
    }

    // PCs name the processor; on boards the device tree names the whole board, and older kernels do in cpuinfo.
    private string Processor()
    {
        var cpuinfo = Text("proc/cpuinfo");
        if (Values(cpuinfo, "model name", ':').FirstOrDefault() is { Length: > 0 } name)
            return name;
        var board = Text("proc/device-tree/model");
        return board.Length > 0 ? board
            : Values(cpuinfo, "Model", ':').FirstOrDefault() ?? Values(cpuinfo, "Hardware", ':').FirstOrDefault() ?? "";
    }

    private static IEnumerable<string> Values(string text, string key, char separator)
    {
        foreach (var line in text.Split('\n'))
        {
            var at = line.IndexOf(separator, StringComparison.Ordinal);
            if (at > 0 && line.AsSpan(0, at).Trim().SequenceEqual(key))
                yield return line[(at + 1)..].Trim();
        }
    }

    private static string Unquote(string value)
    {
        var quoted = value.Length >= 2 && value[0] is '"' or '\'' && value[^1] == value[0];
        return quoted ? value[1..^1].Replace("\\", "", StringComparison.Ordinal) : value;
    }

    private static string Short(string text)
    {
        var clean = new StringBuilder(Math.Min(text.Length, LengthMax));
        foreach (var rune in text.EnumerateRunes())
        {
            if (clean.Length + rune.Utf16SequenceLength > LengthMax)
                break;
            if (!Rune.IsControl(rune) && rune != Rune.ReplacementChar)
                clean.Append(rune.ToString());
        }

        return clean.ToString().Trim();
    }

    private string Text(string file)
    {
        try
        {
            using var stream = File.OpenRead(Path.Combine(root, file));
            var bytes = new byte[FileBytesMax];
            var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return Encoding.UTF8.GetString(bytes, 0, length);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // Another kind of board, or a system that hides it.
            return "";
        }
    }
}
