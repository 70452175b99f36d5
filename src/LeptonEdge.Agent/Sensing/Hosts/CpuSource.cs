using System.Buffers.Text;
using LeptonEdge.Core.Identity;

namespace LeptonEdge.Agent.Sensing.Hosts;

/// <summary><c>cpu.load</c> and one <c>cpuN.load</c> per core: busy time over all time, 0 to 1.</summary>
internal sealed class CpuSource : HostSource
{
    private readonly Dictionary<int, int> _byCore = [];
    private readonly Counter[] _busy;
    private readonly Counter[] _all;

    public CpuSource(string procRoot, FileText files)
        : base(System.IO.Path.Combine(procRoot, "stat"))
    {
        var lines = new FieldReader(files.Read(Path));
        while (lines.NextLine(out var line))
        {
            if (TryCore(ref line, out var core) && !_byCore.ContainsKey(core))
                _byCore[core] = Add(new ChannelName(core < 0 ? "cpu.load" : $"cpu{core}.load"), "ratio");
        }

        _busy = new Counter[Channels.Count];
        _all = new Counter[Channels.Count];
    }

    public override void Read(FileText files, double nowSeconds, Span<double> values)
    {
        var lines = new FieldReader(files.Read(Path));
        while (lines.NextLine(out var line) && TryCore(ref line, out var core))
        {
            if (!_byCore.TryGetValue(core, out var channel))
                continue;

            // user nice system idle iowait irq softirq steal; guest time is within user already.
            long all = 0;
            long idle = 0;
            for (var field = 0; field < 8; field++)
            {
                var ticks = FieldReader.NextNumber(ref line);
                all += ticks;
                if (field is 3 or 4)
                    idle += ticks;
            }

            var busy = _busy[channel].Growth(all - idle);
            var elapsed = _all[channel].Growth(all);
            values[channel] = elapsed > 0 ? Math.Min(busy / elapsed, 1) : double.NaN;
        }
    }

    /// <summary>"cpu" is the sum of all (core −1), "cpu7" one core.</summary>
    private static bool TryCore(ref ReadOnlySpan<byte> line, out int core)
    {
        core = -1;
        if (!line.StartsWith("cpu"u8))
            return false;
        var name = FieldReader.NextField(ref line)[3..];
        return name.Length == 0 || (Utf8Parser.TryParse(name, out core, out var used) && used == name.Length);
    }
}
