using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace LeptonEdge.Cli.Contexts;

/// <summary>One hub that a person works with.</summary>
/// <param name="Ca">The fleet's authority; null trusts the system's store.</param>
/// <param name="Token">Itself; null where there is none, or a file of it.</param>
internal sealed record HubContext(string Name, string Hub, string? Ca, string? Token, string? TokenFile);

/// <summary>The hubs that a person works with: <c>lepton/config.yaml</c> in the folder of XDG_CONFIG_HOME, or else
/// ~/.config. It may hold tokens, so that only its owner may read it.</summary>
/// <param name="Current">Used unless another one is named; null: none.</param>
internal sealed record ContextFile(string? Current, IReadOnlyList<HubContext> Contexts)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly string[] s_keys = ["hub", "ca", "token", "token-file"];

    public static string Path => System.IO.Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CONFIG_HOME") is { Length: > 0 } folder
            ? folder
            : System.IO.Path.Combine(
                Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home ? home : "/", ".config"),
        "lepton", "config.yaml");

    /// <summary>Empty where there is no file.</summary>
    /// <exception cref="HubException">It cannot be read; the message says where it is wrong.</exception>
    public static ContextFile Read()
    {
        if (!File.Exists(Path))
            return new ContextFile(null, []);
        try
        {
            var stream = new YamlStream();
            using var text = new StringReader(File.ReadAllText(Path));
            stream.Load(text);
            return stream.Documents.Count == 0 ? new ContextFile(null, []) : Of(stream.Documents[0].RootNode);
        }
        catch (YamlException fault)
        {
            throw new HubException($"{Path}: line {fault.Start.Line}: {fault.Message}");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new HubException(fault.Message);
        }
    }

    /// <summary>Whole or not at all, for its owner alone.</summary>
    /// <exception cref="HubException">It cannot be written.</exception>
    public void Write()
    {
        try
        {
            var folder = System.IO.Path.GetDirectoryName(Path)!;
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            // Elsewhere the folders of a user are the user's alone.
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(folder);
            else
            {
                Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
                options.UnixCreateMode = OwnerOnly;
            }

            var part = $"{Path}.{Environment.ProcessId}";
            using (var file = new FileStream(part, options))
            using (var text = new StreamWriter(file))
                new YamlStream(new YamlDocument(Root())).Save(text, assignAnchors: false);
            File.Move(part, Path, overwrite: true);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new HubException($"{Path}: {fault.Message}");
        }
    }

    /// <exception cref="HubException">There is none of this name.</exception>
    public HubContext Find(string name, string from) =>
        Contexts.FirstOrDefault(context => context.Name == name)
        ?? throw HubException.Usage($"{from}: there is no context '{name}' in {Path}; "
            + (Contexts.Count == 0 ? "add one with 'lepton context add'"
                : $"it has {string.Join(", ", Contexts.Select(context => context.Name))}"));

    /// <summary>With this one in place of any of its name.</summary>
    public ContextFile With(HubContext context) => this with
    {
        Contexts = Contexts.Any(known => known.Name == context.Name)
            ? [.. Contexts.Select(known => known.Name == context.Name ? context : known)]
            : [.. Contexts, context],
    };

    private static ContextFile Of(YamlNode root)
    {
        if (root is not YamlMappingNode top)
            throw new HubException($"{Path}: it must have 'contexts' and 'current'");
        var contexts = new List<HubContext>();
        var all = top.Children.TryGetValue("contexts", out var node) ? node as YamlMappingNode : null;
        foreach (var (key, value) in all ?? [])
        {
            if (value is not YamlMappingNode parts)
                throw new HubException($"{Path}: line {value.Start.Line}: context '{key}' must have 'hub'");
            contexts.Add(Of(key.ToString(), parts));
        }

        var current = top.Children.TryGetValue("current", out var name) ? name.ToString() : null;
        return new ContextFile(string.IsNullOrEmpty(current) ? null : current, contexts);
    }

    private static HubContext Of(string name, YamlMappingNode parts)
    {
        var values = parts.Children.ToDictionary(pair => pair.Key.ToString(), pair => pair.Value.ToString());
        if (values.Keys.FirstOrDefault(key => !s_keys.Contains(key)) is { } unknown)
        {
            throw new HubException(
                $"{Path}: context '{name}' has '{unknown}'; it may have {string.Join(", ", s_keys)}");
        }

        return values.TryGetValue("hub", out var hub)
            ? new HubContext(
                name, hub, values.GetValueOrDefault("ca"), values.GetValueOrDefault("token"),
                values.GetValueOrDefault("token-file"))
            : throw new HubException($"{Path}: context '{name}' has no 'hub'");
    }

    private YamlMappingNode Root()
    {
        var contexts = new YamlMappingNode();
        foreach (var context in Contexts)
        {
            var parts = new YamlMappingNode();
            foreach (var (key, value) in new[]
            {
                ("hub", context.Hub), ("ca", context.Ca), ("token", context.Token), ("token-file", context.TokenFile),
            })
            {
                if (value is not null)
                    parts.Add(key, new YamlScalarNode(value) { Style = ScalarStyle.DoubleQuoted });
            }

            contexts.Add(context.Name, parts);
        }

        var root = new YamlMappingNode();
        if (Current is not null)
            root.Add("current", new YamlScalarNode(Current) { Style = ScalarStyle.DoubleQuoted });
        root.Add("contexts", contexts);
        return root;
    }
}
