using System.ComponentModel.DataAnnotations;
using System.IO.Enumeration;

namespace LeptonEdge.Serving.Upstream;

/// <summary>When a pool answers in place of this server.</summary>
public enum UpstreamWhen
{
    /// <summary>For every request; a model of this server's own answers only where the pool cannot.</summary>
    Always,

    /// <summary>For requests that this server cannot answer in time, and for models that it does not have.</summary>
    Overloaded,
}

/// <summary>Servers of the same protocol (Triton, KServe, another hub) that answer for some models.</summary>
public sealed record UpstreamOptions
{
    /// <summary>The pool's name in logs and metrics.</summary>
    public required string Name { get; init; }

    /// <summary>Model names; '*' stands for any letters, '?' for one.</summary>
    public required IReadOnlyList<string> Models { get; init; }

    /// <summary>http://HOST:PORT or https://HOST:PORT, all of the same models.</summary>
    public required IReadOnlyList<Uri> Servers { get; init; }

    public UpstreamWhen When { get; init; } = UpstreamWhen.Always;

    /// <summary>Of a request that brings no deadline of its own.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Calls to one server at once; what comes above goes to another, or is refused.</summary>
    [Range(1, 10_000)]
    public int InFlightMax { get; init; } = 64;

    /// <summary>Calls that one server answers side by side without slowing them down; null: as measured.</summary>
    [Range(1, 10_000)]
    public int? Concurrency { get; init; }

    /// <summary>Longest reply taken, in bytes.</summary>
    [Range(1024, int.MaxValue)]
    public int ReplyBytesMax { get; init; } = 16 * 1024 * 1024;

    /// <summary>PEM file of the authority that signed the servers' certificates; null: the system's.</summary>
    public string? AuthorityFile { get; init; }

    /// <summary>PEM files of this server's own certificate and key; null: none is shown.</summary>
    public (string Certificate, string Key)? Identity { get; init; }

    /// <summary>File that holds a bearer token to send; null: none.</summary>
    public string? TokenFile { get; init; }

    public UpstreamHealthOptions Health { get; init; } = new();

    public bool Serves(string model) =>
        Models.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, model, ignoreCase: false));
}

/// <summary>How a pool finds out which of its servers answer.</summary>
public sealed record UpstreamHealthOptions
{
    /// <summary>Between two checks of a server that is well; one that is not is asked four times as often.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>For a check, and for making a connection.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A model that a plan may send here, and that answered nothing for so long, is asked by a call that
    /// nobody waits for; zero: never, and it is planned with only once clients have asked for it.</summary>
    public TimeSpan SoundEvery { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a server that failed half of its calls is left alone.</summary>
    public TimeSpan EjectFor { get; init; } = TimeSpan.FromSeconds(5);
}
