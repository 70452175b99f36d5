namespace LeptonEdge.Cli.Demo;

/// <summary>The link to the demo's live page. It signs a browser in once, so that no secret stays in its history; the hub
/// forgets it after ten minutes and when it is killed, and then another is made.</summary>
internal sealed class DemoPage(TimeProvider clock)
{
    private static readonly TimeSpan Renewed = TimeSpan.FromMinutes(8);
    private int _hub = -1;
    private long _madeAt;

    /// <summary>Empty while there is none.</summary>
    public string Address { get; private set; } = "";

    /// <param name="hub">Number of the hub's process, which knows its own links alone.</param>
    /// <returns>True when there is another link than before.</returns>
    public async Task<bool> KeepAsync(HubClient client, Uri origin, int hub)
    {
        if (_hub == hub && clock.GetElapsedTime(_madeAt) < Renewed)
            return false;
        try
        {
            var link = await client.PostAsync("api/v1/session/links", new { });
            (Address, _hub, _madeAt) = (new Uri(origin, link.GetProperty("path").GetString()!).AbsoluteUri, hub, clock.GetTimestamp());
            return true;
        }
        catch (HubException)
        {
            // The hub is away; the next round asks again.
            return false;
        }
    }
}
