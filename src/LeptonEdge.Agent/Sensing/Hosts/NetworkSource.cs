using System.Text;

namespace LeptonEdge.Agent.Sensing.Hosts;

/// <summary>Per network interface: <c>net.NAME.rx</c> and <c>.tx</c> in bytes per second. Loopback and the insides of
/// containers are left out.</summary>
internal sealed class NetworkSource : HostSource
{
    private static readonly string[] VirtualPrefixes = ["veth", "ifb", "dummy"];

    private readonly List<Link> _links = [];

    public NetworkSource(string procRoot, FileText files)
        : base(System.IO.Path.Combine(procRoot, "net", "dev"))
    {
        var lines = new FieldReader(files.Read(Path));
        while (lines.NextLine(out var line))
        {
            if (!TryName(ref line, out var bytes))
                continue;
            var name = Encoding.UTF8.GetString(bytes);
            if (name == "lo" || VirtualPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)))
                continue;
            _links.Add(new Link(bytes.ToArray(), Add(ChannelNames.From("net", $"{name}.rx"), "B/s")));
            Add(ChannelNames.From("net", $"{name}.tx"), "B/s");
        }
    }

    public override void Read(FileText files, double nowSeconds, Span<double> values)
    {
        var lines = new FieldReader(files.Read(Path));
        while (lines.NextLine(out var line))
        {
            if (!TryName(ref line, out var name))
                continue;
            foreach (var link in _links)
            {
                if (name.SequenceEqual(link.Name))
                    link.Read(line, nowSeconds, values);
            }
        }
    }

    /// <summary>"  eth0: 1 2 3": the name ends at the colon, with or without a space after it. Header lines have
    /// none.</summary>
    private static bool TryName(ref ReadOnlySpan<byte> line, out ReadOnlySpan<byte> name)
    {
        var colon = line.IndexOf((byte)':');
        name = colon < 0 ? default : line[..colon].Trim((byte)' ');
        line = line[(colon + 1)..];
        return name.Length > 0;
    }

    private sealed class Link(byte[] name, int channel)
    {
        private Counter _received;
        private Counter _sent;

        public byte[] Name { get; } = name;

        public void Read(ReadOnlySpan<byte> line, double nowSeconds, Span<double> values)
        {
            values[channel] = _received.PerSecond(FieldReader.NextNumber(ref line), nowSeconds);
            FieldReader.SkipFields(ref line, 7);
            values[channel + 1] = _sent.PerSecond(FieldReader.NextNumber(ref line), nowSeconds);
        }
    }
}
