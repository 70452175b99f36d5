using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using LeptonEdge.Inference.Tensors;
using LeptonEdge.Protocol.Inference;
using LeptonEdge.Serving.Models;

namespace LeptonEdge.Serving.Rest;

/// <summary>Reads an inference request against the model that it asks for: elements as JSON, or binary behind
/// it.</summary>
internal sealed class RestRequestReader(RestBody body)
{
    private int _binaryAt;

    /// <summary>What comes back as the reply's id; null where none was sent.</summary>
    public string? Id => Text(body.Root, "id", "id");

    /// <summary>What the request calls its workload; empty where it does not.</summary>
    public string Workload => Parameters(body.Root).TryGetProperty(InferenceQuestion.WorkloadName, out var value)
        && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    /// <summary>For each output wanted, whether it is to come as binary data.</summary>
    public IReadOnlyList<bool> Binary { get; private set; } = [];

    /// <exception cref="ServingException">INVALID_ARGUMENT, naming the field.</exception>
    public InferenceQuestion Read(ModelSignature model, string caller)
    {
        _binaryAt = 0;
        var checks = new RequestChecks(model);
        var inputs = List(body.Root, "inputs", "inputs");
        checks.InputCount(inputs.Length);
        for (var i = 0; i < inputs.Length; i++)
            ReadInput(checks, i, inputs[i]);
        if (_binaryAt != body.Binary.Length)
            throw ServingException.Invalid(
                $"{body.Binary.Length} bytes of binary data were sent; the inputs' binary_data_size add up to "
                + $"{_binaryAt}");
        var outputs = ReadOutputs(checks);
        return new InferenceQuestion(
            checks.Inputs(), outputs, checks.Rows,
            RequestTimeout.Nearest(
                null, Parameter(body.Root, RequestTimeout.Timeout), Parameter(body.Root, RequestTimeout.Deadline)),
            (int)Math.Clamp(Parameter(body.Root, "priority") ?? 0, 0, InferenceQuestion.PriorityMax), caller)
        {
            Parameters = PassedOn(),
        };
    }

    /// <summary>The request's parameters in the words of gRPC, but for those of REST alone.</summary>
    private IEnumerable<KeyValuePair<string, InferParameter>> PassedOn()
    {
        foreach (var parameter in Parameters(body.Root).EnumerateObject())
        {
            var value = parameter.Value.ValueKind switch
            {
                JsonValueKind.True or JsonValueKind.False => new InferParameter
                {
                    BoolParam = parameter.Value.GetBoolean(),
                },
                JsonValueKind.String => new InferParameter { StringParam = parameter.Value.GetString() },
                JsonValueKind.Number when parameter.Value.TryGetInt64(out var whole) => new InferParameter
                {
                    Int64Param = whole,
                },
                JsonValueKind.Number => new InferParameter { DoubleParam = parameter.Value.GetDouble() },
                _ => null,
            };
            if (value is not null && parameter.Name != "binary_data_output")
                yield return new KeyValuePair<string, InferParameter>(parameter.Name, value);
        }
    }

    private IReadOnlyList<string> ReadOutputs(RequestChecks checks)
    {
        var wanted = List(body.Root, "outputs", "outputs");
        var standard = Flag(body.Root, "binary_data_output", "parameters") ?? false;
        var names = checks.Outputs(
            [.. wanted.Select((output, i) => Text(output, "name", $"outputs[{i}].name") ?? "")]);
        foreach (var (output, i) in wanted.Select((output, i) => (output, i)))
        {
            if (Parameters(output).TryGetProperty("shared_memory_region", out _))
                throw ServingException.Invalid($"outputs[{i}].parameters: shared memory is not served");
        }

        Binary = wanted.Length == 0
            ? [.. names.Select(_ => standard)]
            : [.. wanted.Select((output, i) => Flag(output, "binary_data", $"outputs[{i}].parameters") ?? standard)];
        return names;
    }

    private void ReadInput(RequestChecks checks, int index, JsonElement input)
    {
        var field = $"inputs[{index}]";
        var name = Text(input, "name", $"{field}.name") ?? "";
        long[] shape = [.. List(input, "shape", $"{field}.shape").Select(dimension =>
            dimension.ValueKind == JsonValueKind.Number && dimension.TryGetInt64(out var size)
                ? size
                : throw ServingException.Invalid($"{field}.shape: holds what is not a whole number"))];
        var (type, count) = checks.Header(index, name, Text(input, "datatype", $"{field}.datatype") ?? "", shape);
        var hasData = input.TryGetProperty("data", out var data);
        if (Parameters(input).TryGetProperty("binary_data_size", out var size))
        {
            if (hasData)
                throw ServingException.Invalid($"{field}.data: was given beside binary_data_size; give one of them");
            var raw = Take(size, $"{field}.parameters.binary_data_size");
            var where = $"{field}: binary data";
            checks.Take(index, FromRaw(name, type, shape, count, raw, where), where);
            return;
        }

        if (!hasData)
            throw ServingException.Invalid($"{field}.data: is missing");
        checks.Take(index, FromJson(name, type, shape, count, data, $"{field}.data"), $"{field}.data");
    }

    private ReadOnlyMemory<byte> Take(JsonElement size, string field)
    {
        var left = body.Binary.Length - _binaryAt;
        if (size.ValueKind != JsonValueKind.Number || !size.TryGetInt32(out var bytes) || bytes < 0 || bytes > left)
            throw ServingException.Invalid($"{field}: {Short(size)}; {left} bytes of binary data are left");
        _binaryAt += bytes;
        return body.Binary.Slice(_binaryAt - bytes, bytes);
    }

    private static Tensor FromRaw(
        string name, TensorType type, long[] shape, int count, ReadOnlyMemory<byte> raw, string field)
    {
        if (type == TensorType.Bytes)
            return new Tensor
            {
                Name = name, Type = type, Shape = shape, Strings = RawStrings.Split(raw, count, field),
            };
        var bytes = (long)count * type.ElementBytes();
        return raw.Length == bytes
            // Where the JSON ends is chance: elements must stand where their type may.
            ? new Tensor { Name = name, Type = type, Shape = shape, Data = raw.ToArray() }
            : throw ServingException.Invalid($"{field}: {raw.Length} bytes; the shape says {bytes}");
    }

    private static Tensor FromJson(
        string name, TensorType type, long[] shape, int count, JsonElement data, string field)
    {
        var elements = new List<JsonElement>();
        Flatten(data, elements, count, field);
        if (elements.Count != count)
            throw ServingException.Invalid($"{field}: {elements.Count} elements; the shape says {count}");
        var strings = type == TensorType.Bytes
            ? elements.ConvertAll(element => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(
                element.ValueKind == JsonValueKind.String ? element.GetString()! : throw Unfit(element, type, field)))
            : [];
        return new Tensor
        {
            Name = name, Type = type, Shape = shape, Strings = strings, Data = Elements(elements, type, field),
        };
    }

    // Row by row in lists of lists, or all in one: the protocol takes both.
    private static void Flatten(JsonElement data, List<JsonElement> elements, int countMax, string field)
    {
        if (data.ValueKind != JsonValueKind.Array)
        {
            elements.Add(data);
            return;
        }

        foreach (var part in data.EnumerateArray())
        {
            Flatten(part, elements, countMax, field);
            if (elements.Count > countMax)
                throw ServingException.Invalid($"{field}: more than the {countMax} elements that the shape says");
        }
    }

    private static byte[] Elements(List<JsonElement> elements, TensorType type, string field)
    {
        return type switch
        {
            TensorType.Bool => [.. elements.Select(element => element.ValueKind switch
            {
                JsonValueKind.True => (byte)1,
                JsonValueKind.False => (byte)0,
                _ => throw Unfit(element, type, field),
            })],
            TensorType.UInt8 => Of<byte>(),
            TensorType.UInt16 => Of<ushort>(),
            TensorType.UInt32 => Of<uint>(),
            TensorType.UInt64 => Of<ulong>(),
            TensorType.Int8 => Of<sbyte>(),
            TensorType.Int16 => Of<short>(),
            TensorType.Int32 => Of<int>(),
            TensorType.Int64 => Of<long>(),
            TensorType.Float32 => Of<float>(),
            TensorType.Float64 => Of<double>(),
            TensorType.Bytes => [],
            _ => throw ServingException.Invalid($"{field}: {type.Name()} travels as binary data only"),
        };

        byte[] Of<T>()
            where T : unmanaged, INumber<T>
        {
            var values = new T[elements.Count];
            for (var i = 0; i < values.Length; i++)
            {
                if (elements[i].ValueKind != JsonValueKind.Number || !T.TryParse(
                    elements[i].GetRawText(), System.Globalization.NumberStyles.Float,
                    System.Globalization.CultureInfo.InvariantCulture, out values[i]))
                    throw Unfit(elements[i], type, field);
            }

            return MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
        }
    }

    private static ServingException Unfit(JsonElement element, TensorType type, string field) =>
        ServingException.Invalid($"{field}: {Short(element)} is no {type.Name()}");

    private static string Short(JsonElement element) => ServingException.Short(element.GetRawText());

    private static JsonElement Parameters(JsonElement of) => of.ValueKind == JsonValueKind.Object
        && of.TryGetProperty("parameters", out var parameters) && parameters.ValueKind == JsonValueKind.Object
            ? parameters
            : s_none.RootElement;

    private static readonly JsonDocument s_none = JsonDocument.Parse("{}");

    private static long? Parameter(JsonElement of, string name)
    {
        if (!Parameters(of).TryGetProperty(name, out var value))
            return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number)
            ? number
            : throw ServingException.Invalid($"parameters[{name}]: {Short(value)}; give a whole number");
    }

    private static bool? Flag(JsonElement of, string name, string field)
    {
        if (!Parameters(of).TryGetProperty(name, out var value))
            return null;
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean()
            : throw ServingException.Invalid($"{field}[{name}]: {Short(value)}; give true or false");
    }

    private static string? Text(JsonElement of, string name, string field)
    {
        if (of.ValueKind != JsonValueKind.Object || !of.TryGetProperty(name, out var value))
            return null;
        return value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : throw ServingException.Invalid($"{field}: {Short(value)} is not text");
    }

    private static JsonElement[] List(JsonElement of, string name, string field)
    {
        if (of.ValueKind != JsonValueKind.Object || !of.TryGetProperty(name, out var value))
            return [];
        return value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray()]
            : throw ServingException.Invalid($"{field}: is not a list");
    }
}
