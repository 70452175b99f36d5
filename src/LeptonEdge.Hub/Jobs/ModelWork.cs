using Google.Protobuf;
using LeptonEdge.Inference.Tensors;
using LeptonEdge.Protocol.Inference;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Serving;
using LeptonEdge.Serving.Scheduling;
using LeptonEdge.Storage.Hubs;

namespace LeptonEdge.Hub.Jobs;

/// <summary>Gives an input's blocks to a model, one after the other.</summary>
internal sealed class ModelWork(HubStore store, JobsOptions options, long input, int blocks) : IJobWork
{
    public JobStep Advance(JobCheckpoint from, BackgroundModel model, Func<bool> hasTime)
    {
        var block = (int)from.NextBlock;
        if (block >= blocks)
            return new JobStep(from, null, 0, 0, IsEnd: true);
        var data = store.JobBlock(input, block)
            ?? throw new JobException($"block {block} of input {input} is not in the store any more");
        var question = Read(model, TensorBlock.Parser.ParseFrom(data), block);
        var outputs = model.Run(question, options.RowsAtOnce);
        var rows = Math.Max(question.Rows, 1);
        var part = new JobResultPart { Rows = new TensorBlock { Tensors = { outputs.Select(ToMessage) } } };
        if (part.CalculateSize() > options.PartBytesMax)
            throw new JobException(
                $"block {block}: its answer has {part.CalculateSize()} bytes, and a part of a result holds "
                + $"{options.PartBytesMax}: send fewer rows in a block");
        var next = from.Clone();
        next.NextBlock = (uint)block + 1;
        return new JobStep(next, part, rows, rows, IsEnd: block + 1 == blocks);
    }

    /// <exception cref="JobException">The block does not fit the model.</exception>
    private static InferenceQuestion Read(BackgroundModel model, TensorBlock block, int number)
    {
        try
        {
            return model.Read(ToRequest(block));
        }
        catch (ServingException refused)
        {
            throw new JobException($"block {number}: {refused.Message}");
        }
    }

    /// <summary>A block as the Open Inference Protocol would have it.</summary>
    public static ModelInferRequest ToRequest(TensorBlock block)
    {
        var request = new ModelInferRequest();
        foreach (var tensor in block.Tensors)
        {
            request.Inputs.Add(new ModelInferRequest.Types.InferInputTensor
            {
                Name = tensor.Name, Datatype = tensor.Datatype, Shape = { tensor.Shape },
            });
            request.RawInputContents.Add(tensor.Raw);
        }

        return request;
    }

    private static NamedTensor ToMessage(Tensor tensor) => new()
    {
        Name = tensor.Name,
        Datatype = tensor.Type.Name(),
        Shape = { tensor.Shape },
        Raw = UnsafeByteOperations.UnsafeWrap(BackgroundModel.RawOf(tensor)),
    };
}
