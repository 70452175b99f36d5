using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace LeptonEdge.Agent.Configuration;

/// <summary>Reads one YAML file into its root mapping, within limits, turning every failure into a fault.</summary>
internal static class YamlFile
{
    private const long BytesMax = 1024 * 1024;
    private const int DepthMax = 32;

    /// <returns>The root mapping, or null when a fault was added.</returns>
    public static YamlMappingNode? Read(string path, List<ConfigurationFault> faults)
    {
        try
        {
            var info = new FileInfo(path);
            if (!info.Exists)
                return Fail(faults, path, 0, "the file does not exist: give --config the path of an agent.yaml");
            if (info.Length > BytesMax)
                return Fail(faults, path, 0, $"the file has {info.Length} bytes, at most {BytesMax} are read");
            return Parse(path, File.ReadAllText(path), faults);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return Fail(faults, path, 0, $"the file cannot be read: {failure.Message}");
        }
    }

    private static YamlMappingNode? Parse(string path, string text, List<ConfigurationFault> faults)
    {
        try
        {
            if (TooDeepAt(text) is { } line)
                return Fail(faults, path, line, $"is nested deeper than {DepthMax} levels");
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            if (stream.Documents.Count != 1)
                return Fail(faults, path, 0, $"holds {stream.Documents.Count} YAML documents: exactly one is expected");
            return stream.Documents[0].RootNode as YamlMappingNode
                ?? Fail(faults, path, 1, "must be a mapping of keys to values");
        }
        catch (YamlException failure)
        {
            return Fail(faults, path, (int)failure.Start.Line,
                $"is not valid YAML: {failure.InnerException?.Message ?? failure.Message}");
        }
    }

    // Building the tree recurses, reading events does not: a hostile nesting is found before it can exhaust the stack.
    private static int? TooDeepAt(string text)
    {
        var parser = new Parser(new StringReader(text));
        var depth = 0;
        while (parser.MoveNext())
        {
            depth += parser.Current!.NestingIncrease;
            if (depth > DepthMax)
                return (int)parser.Current.Start.Line;
            if (parser.Current is AnchorAlias)
                throw new YamlException(parser.Current.Start, parser.Current.End,
                    "anchors and aliases are not used here: repeat the value");
        }

        return null;
    }

    private static YamlMappingNode? Fail(List<ConfigurationFault> faults, string path, int line, string problem)
    {
        faults.Add(new ConfigurationFault(path, line, "", problem));
        return null;
    }
}
