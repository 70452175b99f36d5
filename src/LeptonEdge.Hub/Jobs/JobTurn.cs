namespace LeptonEdge.Hub.Jobs;

/// <summary>Says when a job works: freely while no calls come, and beside calls a share of the time, so that it
/// ends.</summary>
/// <param name="quiet">How long after the last call none is taken to come.</param>
/// <param name="shareMin">Of the time, above 0 to 1, that it works whatever comes.</param>
internal sealed class JobTurn(TimeSpan quiet, double shareMin)
{
    /// <summary>What it works at a time beside calls: many short turns would meet more of them than few long
    /// ones.</summary>
    public static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(10);

    private static readonly TimeSpan WaitMin = TimeSpan.FromMilliseconds(1);

    // What it may work beside calls; below zero after a run that could not be broken off.
    private TimeSpan _saved;
    private bool _isCalm = true;
    private bool _works;

    /// <summary>Decides once; what was worked and waited since the last decision is counted.</summary>
    /// <param name="underWay">Whether a call is.</param>
    /// <param name="sinceCall">Since one began or ended.</param>
    /// <returns>Zero: it works now. Else it asks again after so long.</returns>
    public TimeSpan Wait(TimeSpan worked, TimeSpan waited, bool underWay, TimeSpan sinceCall)
    {
        // What was worked in the quiet took nothing from anybody.
        _saved += (waited * shareMin) - (_isCalm ? TimeSpan.Zero : worked * (1 - shareMin));
        // A process that overslept does not make up for all of it at once.
        _saved = _saved < Slice ? _saved : Slice;
        _isCalm = shareMin >= 1 || (!underWay && sinceCall >= quiet);
        if (_isCalm)
        {
            (_saved, _works) = (TimeSpan.Zero, false);
            return TimeSpan.Zero;
        }

        _works = _saved >= Slice * (1 - shareMin) || (_works && _saved > TimeSpan.Zero);
        if (_works)
            return TimeSpan.Zero;
        var saving = ((Slice * (1 - shareMin)) - _saved) / shareMin;
        // A call under way leaves the quiet still to come.
        var calm = underWay ? quiet : quiet - sinceCall;
        return Max(saving < calm ? saving : calm, WaitMin);
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
