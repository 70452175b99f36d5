namespace LeptonEdge.Serving.Scheduling;

/// <summary>Tells the callers of one run what came of it. Two threads share that: the one that ran the model, and one
/// of the pool, if it has one to spare; so a run costs one hand-over, not one for each request.</summary>
internal sealed class AnswerRound : IThreadPoolWorkItem
{
    // So many are told in less time than another thread takes to begin.
    private const int Few = 2;

    private readonly List<PendingCall> _calls;
    private int _left;

    private AnswerRound(List<PendingCall> calls) => (_calls, _left) = (calls, calls.Count);

    /// <summary>Goes on with the callers' work on this thread.</summary>
    public static void Tell(List<PendingCall> calls)
    {
        if (calls.Count <= Few)
        {
            for (var i = calls.Count - 1; i >= 0; i--)
                calls[i].Tell();
            return;
        }

        var round = new AnswerRound(calls);
        ThreadPool.UnsafeQueueUserWorkItem(round, preferLocal: false);
        round.Execute();
    }

    // The last first: what one stream has asked is answered in order, and so leaves as one with the first.
    public void Execute()
    {
        while (Interlocked.Decrement(ref _left) is >= 0 and var i)
            _calls[i].Tell();
    }
}
