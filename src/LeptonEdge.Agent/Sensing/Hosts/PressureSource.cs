using System.Buffers.Text;
using LeptonEdge.Core.Identity;

namespace LeptonEdge.Agent.Sensing.Hosts;

/// <summary>Pressure stall of one resource: <c>psi.NAME.some</c> and, where the kernel has it, <c>psi.NAME.full</c>:
/// the share of time, 0 to 1, in which some or all work waited for it.</summary>
/// <remarks>Taken from the running total, not from the kernel's 10-second mean, so each second speaks for
/// itself.</remarks>
internal sealed class PressureSource : HostSource
{
    private readonly int _some = -1;
    private readonly int _full = -1;
    private Counter _someMicros;
    private Counter _fullMicros;

    public PressureSource(string procRoot, string resource, FileText files)
        : base(System.IO.Path.Combine(procRoot, "pressure", resource))
    {
        var lines = new FieldReader(files.Read(Path));
        while (lines.NextLine(out var line))
        {
            if (line.StartsWith("some "u8) && _some < 0)
                _some = Add(new ChannelName($"psi.{resource}.some"), "ratio");
            else if (line.StartsWith("full "u8) && _full < 0)
                _full = Add(new ChannelName($"psi.{resource}.full"), "ratio");
        }
    }

    public override void Read(FileText files, double nowSeconds, Span<double> values)
    {
        var lines = new FieldReader(files.Read(Path));
        while (lines.NextLine(out var line))
        {
            if (_some >= 0 && line.StartsWith("some "u8))
                values[_some] = Math.Min(_someMicros.PerSecond(Total(line), nowSeconds) / 1e6, 1);
            else if (_full >= 0 && line.StartsWith("full "u8))
                values[_full] = Math.Min(_fullMicros.PerSecond(Total(line), nowSeconds) / 1e6, 1);
        }
    }

    private static long Total(ReadOnlySpan<byte> line)
    {
        var at = line.IndexOf("total="u8);
        if (at >= 0 && Utf8Parser.TryParse(line[(at + 6)..], out long total, out _))
            return total;
        throw new FormatException("a line lacks its total");
    }
}
