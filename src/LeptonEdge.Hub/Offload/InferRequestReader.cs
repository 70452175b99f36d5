using System.Buffers;
using System.Runtime.InteropServices;
using Grpc.Core;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Protocol.Inference;

namespace LeptonEdge.Hub.Offload;

/// <summary>Reads the one input tensor of a request, and refuses by name whatever does not fit the model.</summary>
internal static class InferRequestReader
{
    public const int RowsMax = 256;
    private const string Float = "FP32";

    /// <returns>Rows of input, from the array pool: the caller gives the array back.</returns>
    /// <exception cref="RpcException">INVALID_ARGUMENT, naming the field.</exception>
    public static (float[] Values, int Rows) Read(ModelInferRequest request, ModelManifest manifest)
    {
        if (request.Inputs.Count != 1)
            throw Invalid(
                $"inputs: {request.Inputs.Count} were given; {manifest.Reference} takes one, '{manifest.Input.Name}'");
        var input = request.Inputs[0];
        if (input.Name != manifest.Input.Name)
            throw Invalid($"inputs[0].name: '{Short(input.Name)}'; {manifest.Reference} takes '{manifest.Input.Name}'");
        if (input.Datatype != Float)
            throw Invalid($"inputs[0].datatype: '{Short(input.Datatype)}'; '{input.Name}' is {Float}");
        if (input.Shape.Count != 2 || input.Shape[1] != manifest.Input.Width || input.Shape[0] is < 1 or > RowsMax)
            throw Invalid($"inputs[0].shape: [{string.Join(", ", input.Shape.Take(8))}]; '{input.Name}' is "
                + $"[1 to {RowsMax}, {manifest.Input.Width}]");
        foreach (var output in request.Outputs)
        {
            if (output.Name != manifest.Output.Name)
                throw Invalid(
                    $"outputs.name: '{Short(output.Name)}'; {manifest.Reference} gives '{manifest.Output.Name}'");
        }

        var rows = (int)input.Shape[0];
        return (ReadValues(request, input, rows * manifest.Input.Width), rows);
    }

    private static float[] ReadValues(
        ModelInferRequest request, ModelInferRequest.Types.InferInputTensor input, int count)
    {
        if (request.RawInputContents.Count == 0)
        {
            var typed = input.Contents?.Fp32Contents;
            if (typed is null || typed.Count != count)
                throw Invalid($"inputs[0].contents.fp32_contents: {typed?.Count ?? 0} values; the shape says {count}");
            var values = ArrayPool<float>.Shared.Rent(count);
            typed.CopyTo(values, 0);
            return values;
        }

        if (input.Contents is not null)
            throw Invalid("inputs[0].contents: was given beside raw_input_contents; give one of them");
        if (request.RawInputContents.Count != 1)
            throw Invalid($"raw_input_contents: {request.RawInputContents.Count} entries for 1 input");
        var raw = request.RawInputContents[0].Span;
        if (raw.Length != count * sizeof(float))
            throw Invalid($"raw_input_contents[0]: {raw.Length} bytes; the shape says {count * sizeof(float)}");
        var copy = ArrayPool<float>.Shared.Rent(count);
        raw.CopyTo(MemoryMarshal.AsBytes(copy.AsSpan(0, count)));
        return copy;
    }

    public static RpcException Invalid(string detail) => new(new Status(StatusCode.InvalidArgument, detail));

    /// <summary>What comes from outside goes into a message only as far as a reader needs it.</summary>
    public static string Short(string text) => text.Length <= 64 ? text : $"{text[..64]}…";
}
