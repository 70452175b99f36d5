using System.Text;

namespace LeptonEdge.Agent.Sensing.Hosts;

/// <summary>Per whole disk: <c>disk.NAME.read</c> and <c>.write</c> in bytes per second, <c>.busy</c> 0 to
/// 1.</summary>
/// <remarks>Fields: the kernel's Documentation/admin-guide/iostats.rst. A sector is 512 bytes there whatever the
/// disk.</remarks>
internal sealed class DiskSource : HostSource
{
    private static readonly string[] VirtualPrefixes = ["loop", "ram", "zram", "nbd", "sr", "fd"];

    private readonly List<Disk> _disks = [];

    public DiskSource(string procRoot, string sysRoot, FileText files)
        : base(System.IO.Path.Combine(procRoot, "diskstats"))
    {
        var blockRoot = System.IO.Path.Combine(sysRoot, "block");
        var whole = Directory.Exists(blockRoot)
            ? Directory.EnumerateFileSystemEntries(blockRoot).Select(System.IO.Path.GetFileName).ToHashSet()
            : null;
        var lines = new FieldReader(files.Read(Path));
        while (lines.NextLine(out var line))
        {
            FieldReader.SkipFields(ref line, 2);
            var name = Encoding.UTF8.GetString(FieldReader.NextField(ref line));
            if (name.Length == 0 || whole?.Contains(name) == false
                || VirtualPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)))
                continue;
            _disks.Add(new Disk(Encoding.UTF8.GetBytes(name), Add(ChannelNames.From("disk", $"{name}.read"), "B/s")));
            Add(ChannelNames.From("disk", $"{name}.write"), "B/s");
            Add(ChannelNames.From("disk", $"{name}.busy"), "ratio");
        }
    }

    public override void Read(FileText files, double nowSeconds, Span<double> values)
    {
        var lines = new FieldReader(files.Read(Path));
        while (lines.NextLine(out var line))
        {
            FieldReader.SkipFields(ref line, 2);
            var name = FieldReader.NextField(ref line);
            foreach (var disk in _disks)
            {
                if (name.SequenceEqual(disk.Name))
                    disk.Read(line, nowSeconds, values);
            }
        }
    }

    private sealed class Disk(byte[] name, int channel)
    {
        private Counter _read;
        private Counter _written;
        private Counter _busyMs;

        public byte[] Name { get; } = name;

        public void Read(ReadOnlySpan<byte> line, double nowSeconds, Span<double> values)
        {
            FieldReader.SkipFields(ref line, 2);
            values[channel] = _read.PerSecond(FieldReader.NextNumber(ref line), nowSeconds) * 512;
            FieldReader.SkipFields(ref line, 3);
            values[channel + 1] = _written.PerSecond(FieldReader.NextNumber(ref line), nowSeconds) * 512;
            FieldReader.SkipFields(ref line, 2);
            values[channel + 2] = Math.Min(_busyMs.PerSecond(FieldReader.NextNumber(ref line), nowSeconds) / 1000, 1);
        }
    }
}
