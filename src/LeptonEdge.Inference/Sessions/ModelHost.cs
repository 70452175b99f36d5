using System.Collections.Immutable;
using LeptonEdge.Core.Identity;
using LeptonEdge.Inference.Bundles;
using Microsoft.ML.OnnxRuntime;

namespace LeptonEdge.Inference.Sessions;

/// <summary>Models by name for many callers at once. A new version takes over between two requests.</summary>
/// <param name="options">Limits.</param>
/// <param name="clock">Measures how long requests take.</param>
public sealed class ModelHost(ModelHostOptions options, TimeProvider clock) : IDisposable
{
    private readonly ModelHostOptions _options = Validated(options);
    private readonly Lock _changes = new();

    // Replaced whole, so that callers look a model up without a lock.
    private volatile ImmutableDictionary<string, Deployment> _models =
        ImmutableDictionary<string, Deployment>.Empty.WithComparers(StringComparer.Ordinal);

    private bool _disposed;

    /// <summary>The models that answer now, by name.</summary>
    public IReadOnlyList<HostedModel> Models =>
        [.. _models.OrderBy(model => model.Key, StringComparer.Ordinal).Select(model => model.Value.Describe())];

    /// <summary>One model, or null.</summary>
    public HostedModel? Find(string name) => _models.TryGetValue(name, out var model) ? model.Describe() : null;

    /// <summary>Loads a model, then lets it take over its name. Requests that an older version works on are finished
    /// by it; if the new one does not load, the old one stays.</summary>
    /// <exception cref="ModelBundleException">The model cannot be used.</exception>
    /// <exception cref="InvalidOperationException">As many models as may are loaded.</exception>
    public void Deploy(ModelBundle bundle, ModelSessionOptions session)
    {
        var name = bundle.Reference.Name;
        var made = Deployment.Open(bundle, session, _options);
        Deployment? old;
        lock (_changes)
        {
            old = _models.GetValueOrDefault(name);
            var refusal = _disposed ? "the model host has been disposed"
                : old is null && _models.Count >= _options.ModelsMax
                    ? $"{_models.Count} models are loaded, and at most {_options.ModelsMax} may be: remove one first"
                    : null;
            if (refusal is not null)
            {
                made.Leave();
                throw new InvalidOperationException(refusal);
            }

            _models = _models.SetItem(name, made);
        }

        old?.Leave();
    }

    /// <summary>Unloads a model once its last request is answered.</summary>
    /// <returns>Whether it was loaded.</returns>
    public bool Remove(string name)
    {
        Deployment? old;
        lock (_changes)
        {
            if (!_models.TryGetValue(name, out old))
                return false;
            _models = _models.Remove(name);
        }

        old.Leave();
        return true;
    }

    /// <summary>Runs a model over rows of input.</summary>
    /// <param name="name">The model.</param>
    /// <param name="version">The version asked for; null or empty for whichever is loaded.</param>
    /// <param name="rows">Shape (R × N,), row after row.</param>
    /// <param name="outputs">Receives R × K values, row after row.</param>
    /// <param name="cancellation">Ends waiting for a free session.</param>
    /// <exception cref="OperationCanceledException">The token ended the wait.</exception>
    public async ValueTask<InferenceResult> InferAsync(
        string name, string? version, ReadOnlyMemory<float> rows, Memory<float> outputs,
        CancellationToken cancellation)
    {
        var started = clock.GetTimestamp();
        while (_models.TryGetValue(name, out var model))
        {
            if (!string.IsNullOrEmpty(version) && model.Manifest.Reference.Version != version)
                break;
            if (FaultOf(model.Manifest, rows.Span, outputs.Length) is { } fault)
                return new InferenceResult.BadInput(fault);
            switch (model.TryLease())
            {
                case LeaseOutcome.Retired:
                    // A newer version took over since the look-up.
                    continue;
                case LeaseOutcome.Full:
                    return new InferenceResult.Busy(model.Latency.Percentile(0.5) * _options.SessionsPerModel);
            }

            try
            {
                var session = await model.TakeAsync(cancellation);
                try
                {
                    var count = Run(session, rows.Span, outputs.Span);
                    var elapsed = clock.GetElapsedTime(started);
                    model.Latency.Record(elapsed);
                    return new InferenceResult.Answered(model.Manifest.Reference, count, elapsed);
                }
                catch (OnnxRuntimeException e)
                {
                    return new InferenceResult.Failed(e.Message);
                }
                finally
                {
                    model.Return(session);
                }
            }
            finally
            {
                model.Leave();
            }
        }

        return new InferenceResult.UnknownModel(name, version);
    }

    public void Dispose()
    {
        ImmutableDictionary<string, Deployment> models;
        lock (_changes)
        {
            models = _models;
            _models = models.Clear();
            _disposed = true;
        }

        foreach (var model in models.Values)
            model.Leave();
    }

    private string? FaultOf(ModelManifest manifest, ReadOnlySpan<float> rows, int outputs)
    {
        var (width, answer) = (manifest.Input.Width, manifest.Output.Width);
        if (rows.Length == 0 || rows.Length % width != 0)
            return $"{manifest.Reference} takes rows of {width} values, {rows.Length} values were given";
        var count = rows.Length / width;
        if (count > _options.RowsPerRequestMax)
            return $"{count} rows were given; at most {_options.RowsPerRequestMax} may be in one request";
        if (outputs < count * answer)
            return $"{manifest.Reference} answers {count} rows with {count * answer} values, room is for {outputs}";
        return FiniteValues.FirstNonFinite(rows) is >= 0 and var bad
            ? FormattableString.Invariant($"row {bad / width}, value {bad % width} is {rows[bad]}; all must be finite")
            : null;
    }

    private static int Run(ModelSession session, ReadOnlySpan<float> rows, Span<float> outputs)
    {
        var count = rows.Length / session.InputWidth;
        for (var done = 0; done < count;)
        {
            var now = Math.Min(count - done, session.RowsMax);
            rows.Slice(done * session.InputWidth, now * session.InputWidth).CopyTo(session.Input);
            session.Run(now);
            session.Output[..(now * session.OutputWidth)].CopyTo(outputs[(done * session.OutputWidth)..]);
            done += now;
        }

        return count;
    }

    private static ModelHostOptions Validated(ModelHostOptions options)
    {
        options.Validate();
        return options;
    }
}
