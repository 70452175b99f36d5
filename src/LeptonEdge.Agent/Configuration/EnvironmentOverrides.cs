using System.Collections;
using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace LeptonEdge.Agent.Configuration;

/// <summary>Lays environment variables over the file: <c>LEPTON_HUB__MQTT</c> sets <c>hub.mqtt</c>,
/// <c>LEPTON_SENSORS__0__FILE</c> sets <c>sensors[0].file</c>.</summary>
internal static class EnvironmentOverrides
{
    public const string Prefix = "LEPTON_";

    /// <summary>Variables that speak to other parts of the product.</summary>
    private static readonly string[] Others = ["LEPTON_ONNXRUNTIME"];

    /// <summary>Sets what the environment names and returns which variable each key path came from.</summary>
    public static Dictionary<string, string> Apply(
        YamlMappingNode root, IDictionary environment, IReadOnlyCollection<string> topKeys,
        List<ConfigurationFault> faults)
    {
        var sources = new Dictionary<string, string>();
        foreach (DictionaryEntry entry in environment)
        {
            var name = (string)entry.Key;
            if (!name.StartsWith(Prefix, StringComparison.Ordinal) || Others.Contains(name))
                continue;
            var parts = name[Prefix.Length..].ToLowerInvariant().Split("__");
            if (!topKeys.Contains(parts[0]))
            {
                // A name that resembles no setting belongs to someone else; one that nearly does is a misspelling.
                if (Spelling.Nearest(parts[0], topKeys) is { } meant)
                    faults.Add(new ConfigurationFault($"environment {name}", 0, "",
                        $"names no setting: did you mean {Prefix}{meant.ToUpperInvariant()}?"));
                continue;
            }

            if (Set(root, parts, (string?)entry.Value ?? "") is { } path)
                sources[path] = $"environment {name}";
            else
                faults.Add(new ConfigurationFault($"environment {name}", 0, "",
                    "leads through a key that the file lacks, or past the end of a list: set it in the file first"));
        }

        return sources;
    }

    private static string? Set(YamlMappingNode root, string[] parts, string value)
    {
        YamlNode node = root;
        var path = "";
        for (var i = 0; i < parts.Length; i++)
        {
            var last = i == parts.Length - 1;
            if (node is YamlSequenceNode list)
            {
                if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                    || index >= list.Children.Count)
                    return null;
                path += $"[{index}]";
                if (last)
                    list.Children[index] = new YamlScalarNode(value);
                else
                    node = list.Children[index];
            }
            else if (node is YamlMappingNode mapping)
            {
                path += path.Length == 0 ? parts[i] : "." + parts[i];
                var key = new YamlScalarNode(parts[i]);
                if (last)
                    mapping.Children[key] = new YamlScalarNode(value);
                else if (mapping.Children.TryGetValue(key, out var child))
                    node = child;
                else
                    mapping.Children[key] = node = new YamlMappingNode();
            }
            else
            {
                return null;
            }
        }

        return path;
    }
}
