namespace LeptonEdge.Cli.Contexts;

/// <summary>What a command line and its surroundings say of the hub; null where they say nothing.</summary>
internal sealed record HubWish(string? Context, string? Hub, string? TokenFile, string? Ca);

/// <summary>The hub that a command speaks to, and as whom.</summary>
/// <param name="Token">Null: none is known.</param>
/// <param name="Context">The one that it came from; null: none.</param>
internal sealed record HubChoice(Uri Hub, string? Token, string? Ca, string? Context)
{
    private const string Standard = "https://127.0.0.1:8443";

    /// <summary>Options win over the environment, and that over the file of contexts.</summary>
    /// <remarks>A context's token goes to that context's hub only, unless the context was named beside another
    /// address.</remarks>
    /// <exception cref="HubException">A context is not there, an address is none, a file cannot be read.</exception>
    public static HubChoice Of(HubWish wish, Func<string, string?> environment)
    {
        string? Set(string name) => environment(name) is { Length: > 0 } value ? value : null;
        var address = wish.Hub ?? (wish.Context is null ? Set("LEPTON_HUB") : null);
        var named = wish.Context ?? (wish.Hub is null ? Set("LEPTON_CONTEXT") : null);
        var context = named is not null
            ? ContextFile.Read().Find(named, wish.Context is null ? "LEPTON_CONTEXT" : "--context")
            : address is null ? Current() : null;
        var text = address ?? context?.Hub ?? Standard;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var hub) || hub.Scheme is not ("http" or "https"))
        {
            var from = wish.Hub is not null ? "--hub" : address is not null ? "LEPTON_HUB" : $"context {context?.Name}";
            throw HubException.Usage($"{from}: '{text}' is not an address such as https://hub.example:8443");
        }

        var token = wish.TokenFile is { } file ? ReadToken(file)
            : (wish.Context is null ? Set("LEPTON_TOKEN") : null) ?? context?.Token
            ?? (context?.TokenFile is { } kept ? ReadToken(kept) : null) ?? Set("LEPTON_TOKEN");
        return new HubChoice(hub, token, wish.Ca ?? context?.Ca ?? Set("LEPTON_CA"), context?.Name);
    }

    private static HubContext? Current()
    {
        var file = ContextFile.Read();
        return file.Current is { } name ? file.Find(name, "current") : null;
    }

    private static string? ReadToken(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim() is { Length: > 0 } token ? token : null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new HubException(fault.Message, ExitCodes.NotAllowed);
        }
    }
}
