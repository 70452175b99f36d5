using LeptonEdge.Core.Identity;

namespace LeptonEdge.Agent.Sensing.Hosts;

/// <summary><c>mem.used</c> (0 to 1 of all memory, caches not counted), <c>mem.available</c> in bytes, and
/// <c>swap.used</c> (0 to 1) where there is swap.</summary>
internal sealed class MemorySource : HostSource
{
    private readonly int _used;
    private readonly int _available;
    private readonly int _swap = -1;

    public MemorySource(string procRoot, FileText files)
        : base(System.IO.Path.Combine(procRoot, "meminfo"))
    {
        _used = Add(new ChannelName("mem.used"), "ratio");
        _available = Add(new ChannelName("mem.available"), "B");
        if (Parse(files.Read(Path)).SwapTotal > 0)
            _swap = Add(new ChannelName("swap.used"), "ratio");
    }

    public override void Read(FileText files, double nowSeconds, Span<double> values)
    {
        var memory = Parse(files.Read(Path));
        if (memory.Total <= 0 || memory.Available < 0)
            throw new FormatException("it lacks MemTotal or MemAvailable");
        values[_used] = 1 - ((double)memory.Available / memory.Total);
        values[_available] = memory.Available * 1024.0;
        if (_swap >= 0 && memory.SwapTotal > 0 && memory.SwapFree >= 0)
            values[_swap] = 1 - ((double)memory.SwapFree / memory.SwapTotal);
    }

    private static (long Total, long Available, long SwapTotal, long SwapFree) Parse(ReadOnlySpan<byte> text)
    {
        var (total, available, swapTotal, swapFree) = (-1L, -1L, -1L, -1L);
        var lines = new FieldReader(text);
        while (lines.NextLine(out var line))
        {
            var name = FieldReader.NextField(ref line);
            if (name.SequenceEqual("MemTotal:"u8))
                total = FieldReader.NextNumber(ref line);
            else if (name.SequenceEqual("MemAvailable:"u8))
                available = FieldReader.NextNumber(ref line);
            else if (name.SequenceEqual("SwapTotal:"u8))
                swapTotal = FieldReader.NextNumber(ref line);
            else if (name.SequenceEqual("SwapFree:"u8))
                swapFree = FieldReader.NextNumber(ref line);
        }

        return (total, available, swapTotal, swapFree);
    }
}
