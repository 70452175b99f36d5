using System.Runtime.InteropServices;
using Google.Protobuf;
using Google.Protobuf.Collections;
using LeptonEdge.Inference.Tensors;
using LeptonEdge.Protocol.Inference;
using LeptonEdge.Serving.Models;

namespace LeptonEdge.Serving.Grpc;

/// <summary>A request in either of its two forms, to be read against the model that it asks for.</summary>
/// <param name="callTimeout">What is left of the call's deadline; null where there is none.</param>
/// <param name="caller">Who shares with whom.</param>
/// <param name="hasCompany">Others are about to follow from the same caller.</param>
internal sealed class InferRequestReader(
    InferCall request, TimeSpan? callTimeout, string caller, bool hasCompany)
{
    public string Caller => caller;

    /// <summary>What the request calls its workload; empty where it does not.</summary>
    public string Workload => request.Parameters.TryGetValue(InferenceQuestion.WorkloadName, out var value)
        ? value.StringParam
        : "";

    /// <exception cref="ServingException">INVALID_ARGUMENT, naming the field.</exception>
    public InferenceQuestion Read(ModelSignature model)
    {
        var checks = new RequestChecks(model);
        checks.InputCount(request.Inputs.Count);
        var isRaw = request.Raw.Count > 0;
        for (var i = 0; i < request.Inputs.Count; i++)
        {
            var input = request.Inputs[i];
            var (type, count) = checks.Header(i, input.Name, input.Datatype, input.Shape);
            if (isRaw && input.Contents is not null)
                throw RequestChecks.Invalid(
                    $"inputs[{i}].contents: was given beside raw_input_contents; give one of them");
            if (isRaw && request.Raw.Count != request.Inputs.Count)
                throw RequestChecks.Invalid(
                    $"raw_input_contents: {request.Raw.Count} entries for {request.Inputs.Count} inputs");
            var field = new ElementsField(i, isRaw ? null : type);
            var tensor = isRaw
                ? FromRaw(input, type, count, request.Raw[i], field)
                : FromTyped(input, type, count, field);
            checks.Take(i, tensor, field);
        }

        return new InferenceQuestion(
            checks.Inputs(), checks.Outputs(request.Outputs ?? []), checks.Rows, RequestTimeout.Nearest(
                callTimeout, Number(request.Parameters, RequestTimeout.Timeout),
                Number(request.Parameters, RequestTimeout.Deadline)),
            (int)Math.Clamp(Number(request.Parameters, "priority") ?? 0, 0, InferenceQuestion.PriorityMax), caller)
        {
            Parameters = request.Parameters,
            HasCompany = hasCompany,
        };
    }

    /// <summary>A parameter that is a whole number, of whichever of the types that clients send.</summary>
    private static long? Number(IDictionary<string, InferParameter> parameters, string name)
    {
        if (parameters.Count == 0 || !parameters.TryGetValue(name, out var parameter))
            return null;
        return parameter.ParameterChoiceCase switch
        {
            InferParameter.ParameterChoiceOneofCase.Int64Param => parameter.Int64Param,
            InferParameter.ParameterChoiceOneofCase.Uint64Param => (long)Math.Min(parameter.Uint64Param, long.MaxValue),
            _ => throw RequestChecks.Invalid(
                $"parameters[{name}]: is a {parameter.ParameterChoiceCase}; give a whole number"),
        };
    }

    private static Tensor FromRaw(
        CallInput input, TensorType type, int count, ReadOnlyMemory<byte> raw,
        ElementsField field)
    {
        if (type == TensorType.Bytes)
            return Make(input, type, default, RawStrings.Split(raw, count, field.ToString()));
        var bytes = (long)count * type.ElementBytes();
        return raw.Length == bytes
            ? Make(input, type, raw, [])
            : throw RequestChecks.Invalid($"{field}: {raw.Length} bytes; the shape says {bytes}");
    }

    private static Tensor FromTyped(
        CallInput input, TensorType type, int count, ElementsField field)
    {
        var contents = input.Contents ?? new InferTensorContents();
        return type switch
        {
            TensorType.Bool => Copy(contents.BoolContents, value => value ? (byte)1 : (byte)0),
            TensorType.Int8 => Copy(contents.IntContents, value => Checked<int, sbyte>(value, field)),
            TensorType.Int16 => Copy(contents.IntContents, value => Checked<int, short>(value, field)),
            TensorType.Int32 => Copy(contents.IntContents, value => value),
            TensorType.Int64 => Copy(contents.Int64Contents, value => value),
            TensorType.UInt8 => Copy(contents.UintContents, value => Checked<uint, byte>(value, field)),
            TensorType.UInt16 => Copy(contents.UintContents, value => Checked<uint, ushort>(value, field)),
            TensorType.UInt32 => Copy(contents.UintContents, value => value),
            TensorType.UInt64 => Copy(contents.Uint64Contents, value => value),
            TensorType.Float32 => Copy(contents.Fp32Contents, value => value),
            TensorType.Float64 => Copy(contents.Fp64Contents, value => value),
            TensorType.Bytes => Strings(contents.BytesContents),
            _ => throw RequestChecks.Invalid(
                $"inputs: '{input.Name}' is {type.Name()}, which only raw_input_contents can carry"),
        };

        Tensor Copy<TFrom, TTo>(RepeatedField<TFrom> values, Func<TFrom, TTo> convert)
            where TTo : unmanaged
        {
            CheckCount(values.Count);
            var converted = new TTo[count];
            for (var i = 0; i < count; i++)
                converted[i] = convert(values[i]);
            return Make(input, type, MemoryMarshal.AsBytes(converted.AsSpan()).ToArray(), []);
        }

        Tensor Strings(RepeatedField<ByteString> values)
        {
            CheckCount(values.Count);
            return Make(input, type, default, [.. values.Select(value => value.Memory)]);
        }

        void CheckCount(int given)
        {
            if (given != count)
                throw RequestChecks.Invalid($"{field}: {given} values; the shape says {count}");
        }
    }

    private static TTo Checked<TFrom, TTo>(TFrom value, ElementsField field)
        where TFrom : System.Numerics.IBinaryInteger<TFrom>
        where TTo : System.Numerics.IBinaryInteger<TTo>
    {
        try
        {
            return TTo.CreateChecked(value);
        }
        catch (OverflowException)
        {
            throw RequestChecks.Invalid($"{field}: {value} does not fit the datatype");
        }
    }

    private static Tensor Make(
        CallInput input, TensorType type, ReadOnlyMemory<byte> data,
        ReadOnlyMemory<byte>[] strings) =>
        new() { Name = input.Name, Type = type, Shape = input.Shape, Data = data, Strings = strings };
}
