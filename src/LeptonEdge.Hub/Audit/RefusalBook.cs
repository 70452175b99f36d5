using LeptonEdge.Storage.Hubs;
using LeptonEdge.Storage.Hubs.Accounts;

namespace LeptonEdge.Hub.Audit;

/// <summary>What was asked for and refused. Of each caller and action the first few of a minute are written down one by
/// one, and how many more there were in one entry at its end: whoever asks without end fills no log.</summary>
internal sealed partial class RefusalBook : IDisposable
{
    /// <summary>Of one caller and action, in a minute.</summary>
    public const int SinglesMax = 10;

    /// <summary>Callers and actions that are told apart in a minute.</summary>
    public const int KindsMax = 100;

    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    private readonly AuditLog _log;
    private readonly ILogger<RefusalBook> _logger;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private Dictionary<Kind, Tally> _tallies = [];
    private long _others;

    public RefusalBook(AuditLog log, TimeProvider clock, ILogger<RefusalBook> logger)
    {
        (_log, _logger) = (log, logger);
        _timer = clock.CreateTimer(_ => EndMinute(), null, s_minute, s_minute);
    }

    /// <exception cref="HubStoreException">It could not be written.</exception>
    public void Add(NewAuditEntry refused)
    {
        lock (_gate)
        {
            var kind = new Kind(refused.Actor, refused.Kind, refused.Address, refused.Action);
            if (!_tallies.TryGetValue(kind, out var tally))
            {
                if (_tallies.Count >= KindsMax)
                {
                    _others++;
                    return;
                }

                _tallies.Add(kind, tally = new Tally());
            }

            if (++tally.Count > SinglesMax)
                return;
        }

        _log.Write(refused);
    }

    public void Dispose()
    {
        _timer.Dispose();
        EndMinute();
    }

    private void EndMinute()
    {
        Dictionary<Kind, Tally> tallies;
        long others;
        lock (_gate)
        {
            (tallies, others) = (_tallies, _others);
            (_tallies, _others) = ([], 0);
        }

        try
        {
            foreach (var (kind, tally) in tallies.Where(pair => pair.Value.Count > SinglesMax))
                Write(kind, tally.Count - SinglesMax);
            if (others > 0)
                Write(new Kind("(others)", "none", "", "(others)"), others);
        }
        catch (HubStoreException fault)
        {
            LogLost(fault.Message);
        }
    }

    private void Write(Kind kind, long more) => _log.Write(new NewAuditEntry(
        kind.Actor, kind.How, kind.Address, kind.Action, "", "refused", null, $$"""{"more":{{more}}}"""));

    [LoggerMessage(1, LogLevel.Error, "How many more were refused could not be written to the audit log: {Fault}")]
    private partial void LogLost(string fault);

    private sealed record Kind(string Actor, string How, string Address, string Action);

    private sealed class Tally
    {
        public long Count { get; set; }
    }
}
