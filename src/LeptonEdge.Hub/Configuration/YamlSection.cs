using System.Globalization;
using System.Net;
using YamlDotNet.RepresentationModel;

namespace LeptonEdge.Hub.Configuration;

/// <summary>Reads one mapping of a YAML file key by key; every fault goes into one list, with its line and
/// key.</summary>
internal sealed class YamlSection(string file, string path, YamlMappingNode node, List<ConfigurationFault> faults)
{
    private readonly HashSet<string> _known = [];

    public static YamlSection? Load(string file, List<ConfigurationFault> faults)
    {
        try
        {
            using var reader = new StreamReader(file);
            var stream = new YamlStream();
            stream.Load(reader);
            if (stream.Documents.Count == 1 && stream.Documents[0].RootNode is YamlMappingNode root)
                return new YamlSection(file, "", root, faults);
            faults.Add(new(file, 0, "", "must hold one YAML mapping (key: value lines)"));
        }
        catch (YamlDotNet.Core.YamlException fault)
        {
            faults.Add(
                new(file, (int)fault.Start.Line, "", $"is not YAML: {fault.InnerException?.Message ?? fault.Message}"));
        }
        catch (InvalidOperationException)
        {
            // The parser's own way of saying that the text ends within a list or mapping.
            faults.Add(new(file, 0, "", "is not YAML: it ends within a list or mapping; close every [ and {"));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            faults.Add(new(file, 0, "", $"cannot be read: {fault.Message}"));
        }

        return null;
    }

    /// <summary>The keys as they are written.</summary>
    public IEnumerable<string> Keys => node.Children.Keys.OfType<YamlScalarNode>().Select(key => key.Value ?? "");

    public void Fault(string key, string message) =>
        faults.Add(new(file, LineOf(key), path.Length == 0 ? key : $"{path}.{key}", message));

    public bool Has(string key)
    {
        _known.Add(key);
        return Find(key) is not null;
    }

    public bool IsSection(string key)
    {
        _known.Add(key);
        return Find(key) is YamlMappingNode;
    }

    public string? Text(string key)
    {
        _known.Add(key);
        switch (Find(key))
        {
            case null:
                return null;
            case YamlScalarNode { Value: { Length: > 0 } text }:
                return text;
            default:
                Fault(key, "must be one non-empty value");
                return null;
        }
    }

    public string? RequiredText(string key, string remedy)
    {
        var found = Has(key);
        if (!found)
            Fault(key, $"is missing: {remedy}");
        return found ? Text(key) : null;
    }

    public double Number(string key, double fallback, double min, double max)
    {
        if (Text(key) is not { } text)
            return fallback;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= min
            && value <= max)
            return value;
        Fault(key, FormattableString.Invariant($"'{text}' is not a number within {min} to {max}"));
        return fallback;
    }

    public int Whole(string key, int fallback, int min, int max)
    {
        if (Text(key) is not { } text)
            return fallback;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            && value >= min && value <= max)
            return value;
        Fault(key, $"'{text}' is not a whole number within {min} to {max}");
        return fallback;
    }

    public TimeSpan Seconds(string key, TimeSpan fallback, double min, double max) =>
        TimeSpan.FromSeconds(Number(key, fallback.TotalSeconds, min, max));

    public bool Flag(string key, bool fallback)
    {
        switch (Text(key))
        {
            case null:
                return fallback;
            case "true":
                return true;
            case "false":
                return false;
            case var text:
                Fault(key, $"'{text}' is neither true nor false");
                return fallback;
        }
    }

    public IPEndPoint? Endpoint(string key)
    {
        if (Text(key) is not { } text)
            return null;
        var spelled = text.StartsWith("localhost:", StringComparison.Ordinal)
            ? $"127.0.0.1{text["localhost".Length..]}"
            : text;
        // IPEndPoint takes a bare address for one with port 0: only ADDRESS:PORT is clear enough here.
        if (IPEndPoint.TryParse(spelled, out var endpoint) && endpoint.ToString() == spelled)
            return endpoint;
        Fault(key, $"'{text}' is not ADDRESS:PORT, such as 0.0.0.0:8443, [::]:8443 or 127.0.0.1:0");
        return null;
    }

    public IReadOnlyList<string> Texts(string key, int countMax)
    {
        _known.Add(key);
        switch (Find(key))
        {
            case null:
                return [];
            case YamlSequenceNode list when list.Children.Count <= countMax
                && list.Children.All(child => child is YamlScalarNode { Value.Length: > 0 }):
                return [.. list.Children.Select(child => ((YamlScalarNode)child).Value!)];
            default:
                Fault(key, $"must be a list of at most {countMax} values");
                return [];
        }
    }

    public bool IsEmptyList(string key) => Find(key) is YamlSequenceNode { Children.Count: 0 };

    /// <summary>A list of sections; each names its faults by its place in the list.</summary>
    public IReadOnlyList<YamlSection> Sections(string key, int countMax)
    {
        _known.Add(key);
        switch (Find(key))
        {
            case null:
                return [];
            case YamlSequenceNode list when list.Children.Count <= countMax
                && list.Children.All(child => child is YamlMappingNode):
                return
                [
                    .. list.Children.Select((child, i) => new YamlSection(
                        file, path.Length == 0 ? $"{key}[{i}]" : $"{path}.{key}[{i}]", (YamlMappingNode)child, faults)),
                ];
            default:
                Fault(key, $"must be a list of at most {countMax} sections (- key: value)");
                return [];
        }
    }

    public YamlSection? Section(string key)
    {
        _known.Add(key);
        switch (Find(key))
        {
            case null:
                return null;
            case YamlMappingNode child:
                return new YamlSection(file, path.Length == 0 ? key : $"{path}.{key}", child, faults);
            default:
                Fault(key, "must be a section of its own (indented key: value lines)");
                return null;
        }
    }

    /// <summary>Names every key that nobody asked for: a mistyped key is a setting that silently does
    /// nothing.</summary>
    public void RefuseUnknown()
    {
        foreach (var child in node.Children.Keys)
        {
            var key = (child as YamlScalarNode)?.Value ?? child.ToString();
            if (!_known.Contains(key))
                Fault(key,
                    $"is not a known key; known here: {string.Join(", ", _known.Order(StringComparer.Ordinal))}");
        }
    }

    private YamlNode? Find(string key) =>
        node.Children.TryGetValue(new YamlScalarNode(key), out var child) ? child : null;

    private int LineOf(string key)
    {
        foreach (var child in node.Children.Keys)
        {
            if (child is YamlScalarNode { Value: { } name } && name == key)
                return (int)child.Start.Line;
        }

        return (int)node.Start.Line;
    }
}
