using System.Buffers;
using System.Numerics;
using Google.Protobuf;
using Grpc.Core;
using LeptonEdge.Protocol.Inference;

namespace LeptonEdge.Serving.Grpc;

/// <summary>A ModelInferRequest, read without the objects that generated code makes of one: they would cost more than
/// the run of a small model.</summary>
public sealed class InferCall
{
    // More than any model has; each is a byte on the wire and eight in memory.
    private const int DimensionsMax = 64;

    private static readonly Dictionary<string, InferParameter> s_none = [];

    private Dictionary<string, InferParameter>? _parameters;

    public static Marshaller<InferCall> Marshaller { get; } = Marshallers.Create(
        static (_, _) => throw new NotSupportedException("a server sends no requests"),
        static context => Read(context.PayloadAsReadOnlySequence()));

    public string ModelName { get; private set; } = "";

    public string ModelVersion { get; private set; } = "";

    public string Id { get; private set; } = "";

    internal IDictionary<string, InferParameter> Parameters => _parameters ?? s_none;

    internal List<CallInput> Inputs { get; } = new(1);

    /// <summary>Names of the outputs wanted; null for all.</summary>
    internal List<string>? Outputs { get; private set; }

    internal List<ReadOnlyMemory<byte>> Raw { get; } = new(1);

    /// <summary>What may be of any size; the typed form is counted as it was sent.</summary>
    internal long Bytes { get; private set; }

    /// <exception cref="RpcException">INTERNAL: it is no such message. INVALID_ARGUMENT: a shape that no tensor
    /// has.</exception>
    /// <exception cref="InvalidProtocolBufferException">A part of it is no message.</exception>
    public static InferCall Read(ReadOnlySequence<byte> message) =>
        Read(message.IsSingleSegment ? message.FirstSpan : message.ToArray());

    private static InferCall Read(ReadOnlySpan<byte> message)
    {
        var call = new InferCall();
        var wire = new WireSpan(message);
        while (wire.Next())
        {
            if (wire.Wire != WireSpan.Bytes)
                continue;
            switch (wire.Field)
            {
                case ModelInferRequest.ModelNameFieldNumber:
                    call.ModelName = wire.Name();
                    break;
                case ModelInferRequest.ModelVersionFieldNumber:
                    call.ModelVersion = wire.Name();
                    break;
                case ModelInferRequest.IdFieldNumber:
                    call.Id = wire.Text();
                    break;
                case ModelInferRequest.ParametersFieldNumber:
                    call.AddParameter(wire.Content);
                    break;
                case ModelInferRequest.InputsFieldNumber:
                    call.AddInput(wire.Content);
                    break;
                case ModelInferRequest.OutputsFieldNumber:
                    (call.Outputs ??= []).Add(NameOf(wire.Content));
                    break;
                case ModelInferRequest.RawInputContentsFieldNumber:
                    call.Raw.Add(wire.Content.ToArray());
                    call.Bytes += wire.Content.Length;
                    break;
            }
        }

        return call;
    }

    private void AddParameter(ReadOnlySpan<byte> entry)
    {
        var (name, value) = ("", new InferParameter());
        var wire = new WireSpan(entry);
        while (wire.Next())
        {
            if (wire.Is(1))
                name = wire.Text();
            else if (wire.Is(2))
                value.MergeFrom(wire.Content);
        }

        (_parameters ??= [])[name] = value;
    }

    private void AddInput(ReadOnlySpan<byte> input)
    {
        var (name, datatype, contents) = ("", "", default(InferTensorContents));
        long[] shape = [];
        var wire = new WireSpan(input);
        while (wire.Next())
        {
            if (wire.Is(ModelInferRequest.Types.InferInputTensor.NameFieldNumber))
                name = wire.Name();
            else if (wire.Is(ModelInferRequest.Types.InferInputTensor.DatatypeFieldNumber))
                datatype = wire.Name();
            else if (wire.Is(ModelInferRequest.Types.InferInputTensor.ShapeFieldNumber))
                shape = AddPacked(shape, wire.Content);
            else if (wire.Is(ModelInferRequest.Types.InferInputTensor.ShapeFieldNumber, wire: 0))
                shape = [.. Room(shape, 1), (long)wire.Number];
            else if (wire.Is(ModelInferRequest.Types.InferInputTensor.ContentsFieldNumber))
            {
                (contents ??= new InferTensorContents()).MergeFrom(wire.Content);
                Bytes += wire.Content.Length;
            }
        }

        Inputs.Add(new CallInput(name, datatype, shape, contents));
    }

    private static long[] AddPacked(long[] before, ReadOnlySpan<byte> packed)
    {
        var count = 0;
        foreach (var part in packed)
            count += part < 0x80 ? 1 : 0;
        var shape = new long[Room(before, count).Length + count];
        before.CopyTo(shape, 0);
        for (var (at, i) = (0, before.Length); at < packed.Length; i++)
        {
            var dimension = WireSpan.ReadVarint(packed, ref at);
            shape[i] = (long)dimension;
        }

        return shape;
    }

    private static long[] Room(long[] before, int more) => before.Length + more <= DimensionsMax
        ? before
        : throw new RpcException(new Status(
            StatusCode.InvalidArgument, $"inputs.shape: more than {DimensionsMax} dimensions"));

    private static string NameOf(ReadOnlySpan<byte> output)
    {
        var name = "";
        var wire = new WireSpan(output);
        while (wire.Next())
        {
            if (wire.Is(ModelInferRequest.Types.InferRequestedOutputTensor.NameFieldNumber))
                name = wire.Name();
        }

        return name;
    }
}

/// <param name="Contents">The elements where they are typed; null where they are not.</param>
internal readonly record struct CallInput(
    string Name, string Datatype, long[] Shape, InferTensorContents? Contents);
