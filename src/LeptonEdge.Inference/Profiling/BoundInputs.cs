using System.Buffers;
using LeptonEdge.Inference.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace LeptonEdge.Inference.Profiling;

/// <summary>Inputs as ONNX Runtime takes them, pinned until this is disposed.</summary>
internal sealed unsafe class BoundInputs : IDisposable
{
    private readonly MemoryHandle[] _pins;

    public BoundInputs(IReadOnlyList<Tensor> inputs)
    {
        _pins = [.. inputs.Select(input => input.Data.Pin())];
        Names = [.. inputs.Select(input => input.Name)];
        Values =
        [
            .. inputs.Select((input, i) => OrtValue.CreateTensorValueWithData(
                OrtMemoryInfo.DefaultInstance, input.Type.ToOnnx(), input.Shape, (nint)_pins[i].Pointer,
                input.Data.Length)),
        ];
    }

    public string[] Names { get; }

    public OrtValue[] Values { get; }

    public void Dispose()
    {
        foreach (var value in Values)
            value.Dispose();
        foreach (var pin in _pins)
            pin.Dispose();
    }
}
