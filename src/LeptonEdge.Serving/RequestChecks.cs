using System.Runtime.InteropServices;
using System.Text;
using LeptonEdge.Inference;
using LeptonEdge.Inference.Tensors;
using LeptonEdge.Serving.Models;

namespace LeptonEdge.Serving;

/// <summary>Refuses by field what does not fit the model. One for each request.</summary>
internal sealed class RequestChecks(ModelSignature model)
{
    private readonly Tensor?[] _inputs = new Tensor?[model.Inputs.Count];
    private int _rows = -1;

    /// <summary>Rows of the request; 0 for a model without rows.</summary>
    public int Rows => Math.Max(_rows, 0);

    public static ServingException Invalid(string detail) => ServingException.Invalid(detail);

    public void InputCount(int count)
    {
        if (model.IsRemote ? count > _inputs.Length : count != _inputs.Length)
            throw Invalid(
                $"inputs: {count} were given; {model} takes {_inputs.Length}: {Names(model.Inputs)}");
    }

    /// <summary>Checks all but the elements.</summary>
    /// <returns>Type and number of the elements that are to follow.</returns>
    public (TensorType Type, int Count) Header(int index, string name, string datatype, IReadOnlyList<long> shape)
    {
        var at = IndexOf(name);
        if (at < 0)
            throw Invalid(
                $"inputs[{index}].name: '{ServingException.Short(name)}'; {model} takes {Names(model.Inputs)}");
        var spec = model.Inputs[at];
        if (_inputs[at] is not null)
            throw Invalid($"inputs[{index}].name: '{name}' was given twice");
        if (datatype != spec.Type.Name())
            throw Invalid($"inputs[{index}].datatype: '{ServingException.Short(datatype)}'; '{name}' is "
                + spec.Type.Name());
        if (!Fits(spec, shape))
            throw WrongShape(index, spec, shape);
        var count = 1L;
        for (var i = 0; i < shape.Count; i++)
        {
            var dimension = shape[i];
            // Elements that no message could hold are no shape; nor may the product overflow.
            if (dimension > int.MaxValue || (count *= dimension) > int.MaxValue)
                throw WrongShape(index, spec, shape);
        }

        return (spec.Type, (int)count);
    }

    /// <summary>Takes an input whose header was checked.</summary>
    /// <param name="field">Where its elements stand in the request.</param>
    public void Take<TField>(int index, Tensor tensor, TField field)
        where TField : notnull
    {
        if (tensor.Type == TensorType.Bytes && !model.IsRemote)
            CheckStrings(tensor, $"{field}");
        else if (model.TakesFiniteOnly && tensor.Type == TensorType.Float32)
            CheckFinite(index, tensor);
        else if (tensor.Type == TensorType.Bool && tensor.Data.Span.IndexOfAnyExceptInRange((byte)0, (byte)1) is >= 0
            and var at)
            throw Invalid($"{field}: byte {at} is {tensor.Data.Span[at]}; a BOOL is 0 or 1");
        _inputs[IndexOf(tensor.Name)] = tensor;
    }

    /// <summary>The inputs in the model's order.</summary>
    public Tensor[] Inputs()
    {
        if (model.IsRemote)
            return [.. _inputs.OfType<Tensor>()];
        if (Array.IndexOf(_inputs, null) >= 0)
            throw Invalid($"inputs: {model} takes {Names(model.Inputs)}");
        return _inputs!;
    }

    public IReadOnlyList<string> Outputs(IReadOnlyList<string> wanted)
    {
        for (var i = 0; i < wanted.Count; i++)
        {
            if (!model.OutputNames.Contains(wanted[i]))
                throw Invalid($"outputs[{i}].name: '{ServingException.Short(wanted[i])}'; {model} gives "
                    + Names(model.Outputs));
            if (wanted.Take(i).Contains(wanted[i]))
                throw Invalid($"outputs[{i}].name: '{wanted[i]}' is wanted twice");
        }

        return wanted.Count == 0 ? model.OutputNames : wanted;
    }

    private bool Fits(TensorSpec spec, IReadOnlyList<long> shape)
    {
        // A model may leave a shape open altogether, which reads like a scalar's; then the runtime decides.
        if (spec.Shape.Count == 0)
            return shape.All(dimension => dimension >= 1);
        if (shape.Count != spec.Shape.Count)
            return false;
        for (var i = model.RowsMax > 0 ? 1 : 0; i < shape.Count; i++)
        {
            if (shape[i] < 1 || (spec.Shape[i] >= 0 && shape[i] != spec.Shape[i]))
                return false;
        }

        if (model.RowsMax == 0)
            return true;
        if (shape[0] < 1 || shape[0] > model.RowsMax || (_rows >= 0 && shape[0] != _rows))
            return false;
        _rows = (int)shape[0];
        return true;
    }

    private ServingException WrongShape(int index, TensorSpec spec, IReadOnlyList<long> shape)
    {
        var expected = spec.Shape.Select((dimension, i) => i == 0 && model.RowsMax > 0
            ? _rows < 0 || index == 0 ? $"1 to {model.RowsMax}" : $"{_rows}"
            : dimension < 0 ? "any" : $"{dimension}");
        return Invalid($"inputs[{index}].shape: [{string.Join(", ", shape.Take(8))}]; '{spec.Name}' is "
            + $"[{string.Join(", ", expected)}]");
    }

    private void CheckFinite(int index, Tensor tensor)
    {
        var values = MemoryMarshal.Cast<byte, float>(tensor.Data.Span);
        if (FiniteValues.FirstNonFinite(values) is >= 0 and var bad)
            throw Invalid($"inputs[{index}]: value {bad} is {values[bad]}; every value must be finite");
    }

    private static void CheckStrings(Tensor tensor, string field)
    {
        for (var i = 0; i < tensor.Strings.Count; i++)
        {
            var text = tensor.Strings[i].Span;
            if (!System.Text.Unicode.Utf8.IsValid(text) || text.Contains((byte)0))
                throw Invalid($"{field}: element {i} is not text in UTF-8 without NUL, which is all that the runtime "
                    + "takes");
        }
    }

    private int IndexOf(string name)
    {
        var index = model.Inputs.Count - 1;
        while (index >= 0 && model.Inputs[index].Name != name)
            index--;
        return index;
    }

    private static string Names(IReadOnlyList<TensorSpec> specs) =>
        string.Join(", ", specs.Select(spec => $"'{spec.Name}'"));
}
