using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Google.Protobuf;
using LeptonEdge.Core.Identity;
using LeptonEdge.Hub.Offload;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Inference.Tensors;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Serving;
using LeptonEdge.Serving.Models;
using LeptonEdge.Serving.Scheduling;
using LeptonEdge.Storage.Hubs;
using Microsoft.Extensions.Logging.Abstractions;

namespace LeptonEdge.Hub.Jobs;

/// <summary>Runs jobs in a process of its own, by a <see cref="WorkerOrder"/>. Tasks come in on standard input, answers
/// go out on standard output; when the input ends, so does the process.</summary>
/// <remarks>Not a thread of the hub: one that is pushed aside may just then hold a lock, or keep the garbage collector
/// waiting, and requests with it.</remarks>
internal sealed class JobWorker : IDisposable
{
    // A stretch that calls hold up is stored all the same now and then, so that progress is seen.
    private const int StretchesInOne = 4;

    private readonly JobsOptions _options = new();
    private readonly TenantId _tenant;
    private readonly JobPace _pace;
    private readonly HubStore _store;
    private readonly ModelRepository _repository;
    private readonly BackgroundModels _models;
    private (long Id, IJobWork Work)? _opened;

    private JobWorker(
        HubStore store, ModelRepository repository, BackgroundModels models, TenantId tenant, JobPace pace) =>
        (_store, _repository, _models, _tenant, _pace) = (store, repository, models, tenant, pace);

    /// <summary>Works until standard input ends.</summary>
    public static async Task<int> RunAsync(WorkerOrder order)
    {
        WorkerLimits.Take(order.BytesMax);
        // Whoever stops the hub's whole group means the hub, which ends its worker itself.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, static signal => signal.Cancel = true);
        using var terminate =
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, static signal => signal.Cancel = true);
        var used = new StretchUse();
        var serving = HubServing.ForJobs(order.Models, used.Count);
        var repository = await ModelRepository.OpenAsync(serving, TimeProvider.System, NullLogger.Instance)
            .ConfigureAwait(false);
        using var worker = new JobWorker(
            HubStore.OpenReadOnly(order.Store), repository, new BackgroundModels(serving, repository), order.Tenant,
            Pace(order));
        using var answers = Console.OpenStandardOutput();
        foreach (var task in Tasks())
        {
            used.Begin();
            var answer = await worker.AnswerAsync(task).ConfigureAwait(false);
            used.Tell(answer);
            answers.Write(JobPipe.Frame(answer));
        }

        return 0;
    }

    public void Dispose()
    {
        _repository.Dispose();
        _store.Dispose();
    }

    /// <summary>Read by a thread of its own, so that the end of the input ends a stretch that is under way.</summary>
    private static IEnumerable<JobTask> Tasks()
    {
        var tasks = new BlockingCollection<JobTask>(boundedCapacity: 1);
        new Thread(() =>
        {
            using var input = Console.OpenStandardInput();
            try
            {
                while (true)
                    tasks.Add(JobPipe.Read(input, JobTask.Parser));
            }
            catch (Exception fault) when (fault is IOException or InvalidDataException)
            {
                // The input ended: the hub wants nothing more, or is gone.
                WorkerLimits.End();
            }
        }) { IsBackground = true, Name = "tasks" }.Start();
        return tasks.GetConsumingEnumerable();
    }

    private async Task<JobAnswer> AnswerAsync(JobTask task)
    {
        try
        {
            var content = task.Content;
            using var model = await _models
                .EnterAsync(content.ModelName, content.ModelVersion, CancellationToken.None).ConfigureAwait(false);
            if (!DigestOf(model.Model).Equals(content.ModelSha256))
                throw new JobException(
                    $"{model.Model} has another file than when the job was submitted; submit it again");
            _pace.Begin(model.Model.Tensors.IsOnAccelerator);
            model.Pause = _pace.Hold;
            var step = Open(task, model.Model).Advance(
                task.Checkpoint, model,
                () => _pace.Worked < _options.CommitEvery && _pace.Elapsed < StretchesInOne * _options.CommitEvery);
            return new JobAnswer
            {
                Next = step.Next,
                Part = step.Part?.ToByteString() ?? ByteString.Empty,
                Items = step.Items,
                Done = step.Done,
                IsEnd = step.IsEnd,
            };
        }
        catch (HubStoreException fault)
        {
            return new JobAnswer { StoreFault = fault.Message };
        }
        catch (Exception fault) when (
            fault is JobException or ServingException or TensorRunException or ModelBundleException or IOException
                or InvalidDataException)
        {
            return new JobAnswer { Fault = fault.Message };
        }
    }

    private static JobPace Pace(WorkerOrder order) => new(
        order.Calls == CallBoard.NoDescriptor ? null : CallBoard.Open(order.Calls),
        new JobTurn(order.Quiet, order.ShareMin));

    /// <summary>Tells one version of a model's file from another; empty for a bare model.</summary>
    public static ByteString DigestOf(ServedModel model) => model.Manifest is { } manifest
        ? ByteString.CopyFrom(manifest.Files.Values.First(file => file.FileName == model.FileName).Sha256.Span)
        : ByteString.Empty;

    private IJobWork Open(JobTask task, ServedModel model)
    {
        if (_opened is { } opened && opened.Id == task.Id)
            return opened.Work;
        var content = task.Content;
        IJobWork work;
        if (content.Request.WorkCase == SubmitJobRequest.WorkOneofCase.Rescore)
        {
            work = new RescoreWork(_store, _options, _tenant, content, model.Manifest!, model.Tensors.Rows);
        }
        else
        {
            var input = content.Request.Model.Reference;
            var blocks = _store.JobInput(_tenant, input)?.Blocks
                ?? throw new JobException($"input {input} is not in the store any more");
            work = new ModelWork(_store, _options, input, blocks);
        }

        _opened = (task.Id, work);
        return work;
    }

    /// <summary>What one stretch used.</summary>
    private sealed class StretchUse
    {
        private TimeSpan _cpuAtStart;
        private TimeSpan _onAccelerator;
        private int _rows;

        public void Begin() => (_cpuAtStart, _onAccelerator, _rows) =
            (Environment.CpuUsage.TotalTime, TimeSpan.Zero, 0);

        public void Count(ServedWork work)
        {
            _rows += work.Rows;
            if (work.OnAccelerator)
                _onAccelerator += work.Busy;
        }

        public void Tell(JobAnswer answer)
        {
            // Not how long it took: this process stands aside most of the time when others work.
            var busy = _onAccelerator > TimeSpan.Zero ? _onAccelerator : Environment.CpuUsage.TotalTime - _cpuAtStart;
            (answer.Rows, answer.BusyMicros) = (_rows, (long)busy.TotalMicroseconds);
            answer.OnAccelerator = _onAccelerator > TimeSpan.Zero;
        }
    }
}
