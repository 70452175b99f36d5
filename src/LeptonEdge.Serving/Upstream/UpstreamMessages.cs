using System.Runtime.InteropServices;
using Google.Protobuf;
using Grpc.Core;
using LeptonEdge.Inference.Tensors;
using LeptonEdge.Protocol.Inference;
using LeptonEdge.Serving.Models;

namespace LeptonEdge.Serving.Upstream;

/// <summary>Requests and replies as they travel between servers: raw elements, as all of them read.</summary>
internal static class UpstreamMessages
{
    public static ModelInferRequest Write(string model, string version, InferenceQuestion question)
    {
        var request = new ModelInferRequest { ModelName = model, ModelVersion = version };
        foreach (var (name, value) in question.Parameters)
            request.Parameters[name] = value;
        foreach (var input in question.Inputs)
        {
            request.Inputs.Add(new ModelInferRequest.Types.InferInputTensor
            {
                Name = input.Name, Datatype = input.Type.Name(), Shape = { input.Shape },
            });
            request.RawInputContents.Add(UnsafeByteOperations.UnsafeWrap(
                input.Type == TensorType.Bytes ? RawStrings.Join(input) : input.Data));
        }

        foreach (var output in question.Outputs)
            request.Outputs.Add(new ModelInferRequest.Types.InferRequestedOutputTensor { Name = output });
        return request;
    }

    /// <summary>The request with what is left of its deadline, where it says so itself.</summary>
    public static ModelInferRequest WithTimeLeft(ModelInferRequest request, TimeSpan left)
    {
        if (!request.Parameters.ContainsKey(RequestTimeout.Timeout)
            && !request.Parameters.ContainsKey(RequestTimeout.Deadline))
            return request;
        // Another attempt may be writing the same one to its connection.
        var own = request.Clone();
        foreach (var name in (string[])[RequestTimeout.Timeout, RequestTimeout.Deadline])
        {
            if (own.Parameters.ContainsKey(name))
                own.Parameters[name] = new InferParameter
                {
                    Int64Param = Math.Max(1, (long)left.TotalMicroseconds),
                };
        }

        return own;
    }

    /// <exception cref="ServingException">UNAVAILABLE: the server does not keep to the protocol.</exception>
    public static InferenceAnswer Read(ModelInferResponse reply, string server)
    {
        var isRaw = reply.RawOutputContents.Count > 0;
        if (isRaw && reply.RawOutputContents.Count != reply.Outputs.Count)
            throw Wrong(server, $"{reply.Outputs.Count} outputs, {reply.RawOutputContents.Count} contents");
        var outputs = new Tensor[reply.Outputs.Count];
        for (var i = 0; i < outputs.Length; i++)
        {
            var output = reply.Outputs[i];
            if (!TensorTypes.TryParse(output.Datatype, out var type))
                throw Wrong(server, $"outputs[{i}].datatype is '{ServingException.Short(output.Datatype)}'");
            var tensor = new Tensor { Name = output.Name, Type = type, Shape = [.. output.Shape] };
            var count = CountOf(tensor.Shape) ?? throw Wrong(server, $"outputs[{i}].shape has no size");
            outputs[i] = isRaw
                ? FromRaw(tensor, count, reply.RawOutputContents[i].Memory, $"outputs[{i}]", server)
                : FromTyped(tensor, count, output.Contents ?? new InferTensorContents(), $"outputs[{i}]", server);
        }

        return new InferenceAnswer(reply.ModelName, reply.ModelVersion, outputs);
    }

    /// <exception cref="ServingException">UNAVAILABLE: the server does not keep to the protocol.</exception>
    public static ModelSignature Signature(ModelMetadataResponse metadata, string version, string server)
    {
        return new ModelSignature(
            metadata.Name, version, [.. metadata.Inputs.Select(Spec)], [.. metadata.Outputs.Select(Spec)], RowsMax: 0)
        {
            IsRemote = true,
        };

        TensorSpec Spec(ModelMetadataResponse.Types.TensorMetadata tensor) =>
            TensorTypes.TryParse(tensor.Datatype, out var type)
                ? new TensorSpec(tensor.Name, type, [.. tensor.Shape])
                : throw Wrong(server, $"'{tensor.Name}' is {ServingException.Short(tensor.Datatype)}");
    }

    private static long? CountOf(long[] shape)
    {
        var count = 1L;
        foreach (var dimension in shape)
        {
            if (dimension is < 0 or > int.MaxValue || (count *= dimension) > int.MaxValue)
                return null;
        }

        return count;
    }

    private static Tensor FromRaw(Tensor tensor, long count, ReadOnlyMemory<byte> raw, string field, string server)
    {
        if (tensor.Type == TensorType.Bytes)
        {
            try
            {
                return With(tensor, default, RawStrings.Split(raw, (int)count, field));
            }
            catch (ServingException fault)
            {
                throw Wrong(server, fault.Message);
            }
        }

        return raw.Length == count * tensor.Type.ElementBytes()
            ? With(tensor, raw, [])
            : throw Wrong(server, $"{field} has {raw.Length} bytes for {count} elements");
    }

    private static Tensor FromTyped(
        Tensor tensor, long count, InferTensorContents contents, string field, string server)
    {
        byte[] data = tensor.Type switch
        {
            TensorType.Bool => [.. contents.BoolContents.Select(value => value ? (byte)1 : (byte)0)],
            TensorType.Int8 => Bytes(contents.IntContents.Select(value => (sbyte)value)),
            TensorType.Int16 => Bytes(contents.IntContents.Select(value => (short)value)),
            TensorType.Int32 => Bytes(contents.IntContents),
            TensorType.Int64 => Bytes(contents.Int64Contents),
            TensorType.UInt8 => Bytes(contents.UintContents.Select(value => (byte)value)),
            TensorType.UInt16 => Bytes(contents.UintContents.Select(value => (ushort)value)),
            TensorType.UInt32 => Bytes(contents.UintContents),
            TensorType.UInt64 => Bytes(contents.Uint64Contents),
            TensorType.Float32 => Bytes(contents.Fp32Contents),
            TensorType.Float64 => Bytes(contents.Fp64Contents),
            _ => [],
        };
        ReadOnlyMemory<byte>[] strings = tensor.Type == TensorType.Bytes
            ? [.. contents.BytesContents.Select(value => value.Memory)]
            : [];
        var given = tensor.Type == TensorType.Bytes ? strings.Length : data.Length / tensor.Type.ElementBytes();
        return given == count
            ? With(tensor, data, strings)
            : throw Wrong(server, $"{field} has {given} values for {count} elements");
    }

    private static byte[] Bytes<T>(IEnumerable<T> values)
        where T : unmanaged => MemoryMarshal.AsBytes<T>(values.ToArray()).ToArray();

    private static Tensor With(Tensor tensor, ReadOnlyMemory<byte> data, ReadOnlyMemory<byte>[] strings) =>
        new() { Name = tensor.Name, Type = tensor.Type, Shape = tensor.Shape, Data = data, Strings = strings };

    private static ServingException Wrong(string server, string what) =>
        new(StatusCode.Unavailable, $"the upstream server {server} does not keep to the protocol: {what}");
}
