using System.Buffers;
using System.Diagnostics;
using Google.Protobuf;
using LeptonEdge.Inference.Tensors;
using LeptonEdge.Protocol.Inference;
using LeptonEdge.Serving.Grpc;
using LeptonEdge.Serving.Models;

namespace LeptonEdge.Serving.Scheduling;

/// <summary>Models for work that nobody waits for. It takes no worker from requests and stands in no queue: whoever
/// runs it sees to it that requests come first.</summary>
public sealed class BackgroundModels(ServingOptions options, ModelRepository models)
{
    /// <summary>A place in a model, which must be disposed of soon: while it is held, an unloaded model stays in
    /// memory.</summary>
    /// <exception cref="ServingException">There is no such model, or it does not load.</exception>
    public async ValueTask<BackgroundModel> EnterAsync(
        string name, string version, CancellationToken cancellation) =>
        new(await models.EnterAsync(name, version, cancellation).ConfigureAwait(false), options.Meter);
}

/// <summary>A place in a model. One thread at a time.</summary>
public sealed class BackgroundModel : IDisposable
{
    private readonly Action<ServedWork> _meter;

    internal BackgroundModel(ServedModel model, Action<ServedWork> meter) => (Model, _meter) = (model, meter);

    public ServedModel Model { get; }

    /// <summary>Called before each run, and by whoever does other work between runs: it may wait until nobody else has
    /// use for the core.</summary>
    public Action Pause { get; set; } = static () => { };

    /// <summary>Checks a request against the model.</summary>
    /// <exception cref="ServingException">INVALID_ARGUMENT, naming the field.</exception>
    public InferenceQuestion Read(ModelInferRequest request) =>
        new InferRequestReader(
            InferCall.Read(new ReadOnlySequence<byte>(request.ToByteArray())), callTimeout: null, caller: "",
            hasCompany: false).Read(Model.Signature);

    /// <summary>Runs rows, some at a time: always the same ones together, so that the answer is always the same to the
    /// last bit.</summary>
    /// <param name="rowsAtOnce">1 or more.</param>
    /// <exception cref="TensorRunException">The model failed.</exception>
    public Tensor[] Run(InferenceQuestion question, int rowsAtOnce)
    {
        var step = Model.Tensors.Rows == RowKind.One ? 1 : rowsAtOnce;
        if (question.Rows <= step)
            return Run(question.Inputs, question.Outputs, Math.Max(question.Rows, 1));

        var answers = new List<Tensor[]>();
        for (var row = 0; row < question.Rows; row += step)
        {
            var rows = Math.Min(step, question.Rows - row);
            Tensor[] inputs =
                [.. question.Inputs.Select(input => BatchRun.Slice(input, row, rows, question.Rows))];
            answers.Add(Run(inputs, question.Outputs, rows));
        }

        var joined = new Tensor[question.Outputs.Count];
        for (var i = 0; i < joined.Length; i++)
        {
            Tensor[] parts = [.. answers.Select(answer => answer[i])];
            joined[i] = BatchRun.Join(parts, question.Rows, new byte[parts.Sum(part => part.Data.Length)]);
        }

        return joined;
    }

    /// <summary>Runs rows at once.</summary>
    /// <exception cref="TensorRunException">The model failed.</exception>
    public Tensor[] Run(Tensor[] inputs, IReadOnlyList<string> outputs, int rows)
    {
        Pause();
        var start = Stopwatch.GetTimestamp();
        var answer = Model.Tensors.Run(inputs, outputs);
        _meter(new ServedWork(
            "", "", Model.Name, Model.Version, false, rows, Stopwatch.GetElapsedTime(start),
            Model.Tensors.IsOnAccelerator, 0));
        return answer;
    }

    /// <summary>The elements as they are sent.</summary>
    public static ReadOnlyMemory<byte> RawOf(Tensor tensor) =>
        tensor.Type == TensorType.Bytes ? RawStrings.Join(tensor) : tensor.Data;

    public void Dispose() => Model.Leave();
}
