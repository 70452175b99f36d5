using System.Collections.Concurrent;
using Grpc.Core;

namespace LeptonEdge.Serving.Models;

/// <summary>What models take of the memory, known from loading them, and what has to go before another may come. One
/// load at a time.</summary>
internal sealed class MemoryRoom(ServingOptions options)
{
    // Before it was ever loaded: the weights as the runtime lays them out, and its own tables.
    private const int WeightFactor = 2;
    private const long FixedBytes = 4 * 1024 * 1024;

    private readonly MemoryGauge _gauge = new(options);
    private readonly ConcurrentDictionary<(string Name, string Version), long> _measured = new();

    public bool IsLimited => _gauge.IsLimited;

    /// <summary>Bytes to the nearest limit, below 0 beyond it.</summary>
    public long Left => _gauge.Read().Left;

    /// <summary>Makes room for a model.</summary>
    /// <param name="unloadNext">Unloads the model that was asked for longest ago, of those that may go, and says what it
    /// took; null if none may go.</param>
    /// <exception cref="ServingException">RESOURCE_EXHAUSTED: it does not fit.</exception>
    public void Make(string name, string version, string folder, Func<long?> unloadNext)
    {
        if (!IsLimited)
            return;
        var need = _measured.TryGetValue((name, version), out var known) ? known : Estimate(folder);
        var (left, limit) = _gauge.Read();
        while (left < need)
        {
            if (unloadNext() is not { } freed)
                throw Refuse(name, version, need, left, limit);
            _gauge.Settle();
            // What the C library keeps of the memory that was freed is there for the next model.
            (var seen, limit) = _gauge.Read();
            left = Math.Max(seen, left + freed);
        }
    }

    /// <summary>Notes what a model took that was just loaded.</summary>
    /// <param name="residentBefore">Of the process, in bytes.</param>
    /// <exception cref="ServingException">RESOURCE_EXHAUSTED: it took more than was thought, and does not
    /// fit.</exception>
    public void Check(ServedModel model, long residentBefore, Func<long?> unloadNext)
    {
        if (!IsLimited)
            return;
        _gauge.Settle();
        var took = Math.Max(MemoryGauge.Resident - residentBefore, FixedBytes);
        _measured[(model.Name, model.Version)] = took;
        model.MemoryBytes = took;
        var (left, limit) = _gauge.Read();
        while (left < 0)
        {
            if (unloadNext() is not { } freed)
                throw Refuse(model.Name, model.Version, took, left + took, limit);
            _gauge.Settle();
            (var seen, limit) = _gauge.Read();
            left = Math.Max(seen, left + freed);
        }
    }

    /// <summary>After a model has been freed.</summary>
    public void Settle() => _gauge.Settle();

    private static long Estimate(string folder) => FixedBytes + WeightFactor * Directory
        .EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Where(file => !file.EndsWith(".json", StringComparison.Ordinal))
        .Select(file => new FileInfo(file).Length).DefaultIfEmpty().Max();

    private static ServingException Refuse(string name, string version, long need, long left, string limit) => new(
        StatusCode.ResourceExhausted,
        $"'{name}/{version}' takes about {need} bytes of memory; {Math.Max(left, 0)} are left below {limit}, and no "
        + "model that is in memory may go: they answer requests or are pinned. Unload one, or raise the limit",
        TimeSpan.FromSeconds(1));
}
