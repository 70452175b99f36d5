using System.Runtime.InteropServices;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Signals;
using LeptonEdge.Core.Windows;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Inference.Tensors;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Serving.Scheduling;
using LeptonEdge.Storage.Hubs;

namespace LeptonEdge.Hub.Jobs;

/// <summary>Scores a channel's history: cuts it into windows as the agent would, with the model's own
/// transforms.</summary>
internal sealed class RescoreWork : IJobWork
{
    // A step: enough for many runs, and little enough to be done again after a kill.
    private const int WindowsInStep = 512;
    private const int SamplesInStep = 1 << 17;

    private readonly HubStore _store;
    private readonly JobsOptions _options;
    private readonly ModelManifest _manifest;
    private readonly HistoryRange _range;
    private readonly HistoryBuffer _history;
    private readonly TransformChain _transforms;
    private readonly WindowBatch _batch;
    private readonly float[] _single = new float[1];
    private readonly int _hop;
    private readonly bool _isRaw;
    private readonly long _halfPeriod;
    private long _sampleMicros;
    private bool _completed;
    private Action _flush = static () => { };

    public RescoreWork(
        HubStore store, JobsOptions options, TenantId tenant, JobContent content, ModelManifest manifest, RowKind rows)
    {
        (_store, _options, _manifest, _hop) = (store, options, manifest, (int)content.Hop);
        _range = RescorePlan.RangeOf(content, tenant);
        _isRaw = content.Source == HistorySource.RawWindows;
        var size = manifest.WindowSamples;
        _history = new HistoryBuffer((int)Math.Min(
            size + ((WindowsInStep - 1L) * _hop), Math.Max(size + _hop, SamplesInStep)));
        _halfPeriod = Math.Max((long)(1e6 / manifest.SampleRateHz) / 2, 1);
        _transforms = manifest.CreateTransforms();
        _batch = new WindowBatch(manifest, rows == RowKind.Free ? options.RowsAtOnce : 1);
    }

    public JobStep Advance(JobCheckpoint from, BackgroundModel model, Func<bool> hasTime)
    {
        var (next, done) = (from.Clone(), 0L);
        next.Rescore ??= new RescoreSummary();
        var scores = new ScoreList(next.Rescore, _manifest.Score.Threshold);
        _flush = () => _batch.Run(model, scores);
        bool isEnd;
        do
        {
            model.Pause();
            done += Step(next, out isEnd);
        }
        while (!isEnd && scores.Count < _options.WindowsInPart && hasTime());
        var part = scores.Count == 0 ? null : new JobResultPart { Windows = scores.Windows };
        return new JobStep(next, part, scores.Count, done, isEnd);
    }

    /// <summary>Reads as much as the memory holds, and moves the checkpoint behind the last window in it.</summary>
    /// <returns>Samples that are done.</returns>
    private int Step(JobCheckpoint at, out bool isEnd)
    {
        Read(at);
        isEnd = !_history.HasMore;
        if (_history.Count == 0)
            return 0;
        var held = Cut();
        _flush();
        var times = _history.Times;
        if (isEnd)
            held = times.Length;
        // Always onward, even where nothing of what was read makes a window.
        at.NextMicros = held < times.Length && times[held] > at.NextMicros ? times[held] : times[^1] + _halfPeriod;
        if (_isRaw)
            at.RawStartMicros = _store.RawWindowStart(_range, at.RawStartMicros, at.NextMicros);
        return held;
    }

    private void Read(JobCheckpoint at)
    {
        if (_isRaw)
            _store.ReadRawWindows(_range, at.RawStartMicros, at.NextMicros, _manifest.SampleRateHz, _history);
        else
            _store.ReadReadings(_range, at.NextMicros, (long)(1e6 / _manifest.SampleRateHz), _history);
    }

    /// <returns>Index of the first sample that the next window needs.</returns>
    private int Cut()
    {
        var times = _history.Times;
        var values = _history.Values;
        var assembler = new WindowAssembler(_manifest.WindowSamples, _hop, _manifest.SampleRateHz, Take);
        var (held, breaks) = (0, 0L);
        for (var i = 0; i < times.Length; i++)
        {
            _single[0] = (float)values[i];
            _sampleMicros = times[i];
            assembler.Push(times[i], _single);
            if (assembler.BreakCount != breaks)
                (breaks, held) = (assembler.BreakCount, i);
            if (_completed)
                (_completed, held) = (false, i + 1 - (_manifest.WindowSamples - _hop));
        }

        return held;
    }

    private void Take(Window window)
    {
        _completed = true;
        if (!window.IsValid)
        {
            _batch.Invalid++;
            return;
        }

        _transforms.Apply(window.Samples, _batch.Next(_sampleMicros));
        if (_batch.IsFull)
            _flush();
    }

    /// <summary>Windows that wait for one run of the model.</summary>
    private sealed class WindowBatch(ModelManifest manifest, int rowsMax)
    {
        private readonly byte[] _input = new byte[rowsMax * manifest.Input.Width * sizeof(float)];
        private readonly long[] _times = new long[rowsMax];
        private readonly string[] _outputs = [manifest.Output.Name];
        private int _rows;

        public bool IsFull => _rows == rowsMax;

        public int Invalid { get; set; }

        /// <summary>Where the next window's features go.</summary>
        public Span<float> Next(long timeMicros)
        {
            _times[_rows] = timeMicros;
            return Input(_rows++);
        }

        public void Run(BackgroundModel model, ScoreList scores)
        {
            scores.CountInvalid(Invalid);
            Invalid = 0;
            if (_rows == 0)
                return;
            var input = new Tensor
            {
                Name = manifest.Input.Name,
                Type = TensorType.Float32,
                Shape = [_rows, manifest.Input.Width],
                Data = _input.AsMemory(0, _rows * manifest.Input.Width * sizeof(float)),
            };
            var output = model.Run([input], _outputs, _rows)[0];
            var values = MemoryMarshal.Cast<byte, float>(output.Data.Span);
            var width = manifest.Output.Width;
            for (var row = 0; row < _rows; row++)
                scores.Add(_times[row], manifest.Score.Evaluate(Input(row), values.Slice(row * width, width)));
            _rows = 0;
        }

        private Span<float> Input(int row) => MemoryMarshal.Cast<byte, float>(
            _input.AsSpan(row * manifest.Input.Width * sizeof(float), manifest.Input.Width * sizeof(float)));
    }
}
