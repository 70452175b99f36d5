using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using LeptonEdge.Inference.Tensors;

namespace LeptonEdge.Serving.Rest;

/// <summary>Writes an inference's reply: JSON, and behind it the outputs that were wanted as binary data.</summary>
internal static class RestReplyWriter
{
    /// <returns>The body, and how much of it is JSON.</returns>
    /// <exception cref="ServingException">An output has elements that JSON cannot carry.</exception>
    public static (byte[] Body, int JsonBytes) Write(
        string? id, InferenceAnswer answer, IReadOnlyList<bool> binary)
    {
        var outputs = answer.Outputs;
        using var body = new MemoryStream();
        var raw = outputs.Select((output, i) => binary[i]
            ? output.Type == TensorType.Bytes ? RawStrings.Join(output) : output.Data
            : (ReadOnlyMemory<byte>?)null).ToArray();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("model_name", answer.Model);
            json.WriteString("model_version", answer.Version);
            if (id is not null)
                json.WriteString("id", id);
            json.WriteStartArray("outputs");
            for (var i = 0; i < outputs.Length; i++)
                WriteOutput(json, outputs[i], raw[i]?.Length, i);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        var length = (int)body.Length;
        foreach (var part in raw)
            body.Write(part is { } bytes ? bytes.Span : []);
        return (body.ToArray(), length);
    }

    private static void WriteOutput(Utf8JsonWriter json, Tensor output, int? binaryBytes, int index)
    {
        json.WriteStartObject();
        json.WriteString("name", output.Name);
        json.WriteString("datatype", output.Type.Name());
        json.WriteStartArray("shape");
        foreach (var dimension in output.Shape)
            json.WriteNumberValue(dimension);
        json.WriteEndArray();
        if (binaryBytes is { } bytes)
        {
            json.WriteStartObject("parameters");
            json.WriteNumber("binary_data_size", bytes);
            json.WriteEndObject();
        }
        else
        {
            json.WriteStartArray("data");
            WriteElements(json, output, index);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteElements(Utf8JsonWriter json, Tensor output, int index)
    {
        switch (output.Type)
        {
            case TensorType.Bytes:
                foreach (var text in output.Strings)
                    json.WriteStringValue(text.Span);
                break;
            case TensorType.Bool:
                Each<byte>(value => json.WriteBooleanValue(value != 0));
                break;
            case TensorType.UInt8:
                Each<byte>(value => json.WriteNumberValue((uint)value));
                break;
            case TensorType.UInt16:
                Each<ushort>(value => json.WriteNumberValue((uint)value));
                break;
            case TensorType.UInt32:
                Each<uint>(json.WriteNumberValue);
                break;
            case TensorType.UInt64:
                Each<ulong>(json.WriteNumberValue);
                break;
            case TensorType.Int8:
                Each<sbyte>(value => json.WriteNumberValue((int)value));
                break;
            case TensorType.Int16:
                Each<short>(value => json.WriteNumberValue((int)value));
                break;
            case TensorType.Int32:
                Each<int>(json.WriteNumberValue);
                break;
            case TensorType.Int64:
                Each<long>(json.WriteNumberValue);
                break;
            case TensorType.Float32:
                Each<float>(value => json.WriteNumberValue(float.IsFinite(value) ? value : throw NotJson()));
                break;
            case TensorType.Float64:
                Each<double>(value => json.WriteNumberValue(double.IsFinite(value) ? value : throw NotJson()));
                break;
            default:
                throw NotJson();
        }

        void Each<T>(Action<T> write)
            where T : unmanaged
        {
            foreach (var value in MemoryMarshal.Cast<byte, T>(output.Data.Span))
                write(value);
        }

        ServingException NotJson() => ServingException.Invalid(
            $"outputs[{index}]: '{output.Name}' has elements of {output.Type.Name()} that JSON cannot carry: ask for "
            + "it with binary_data");
    }
}
