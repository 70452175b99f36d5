using LeptonEdge.Core.Identity;
using LeptonEdge.Inference.Bundles;
using Microsoft.ML.OnnxRuntime;

namespace LeptonEdge.Inference.Sessions;

/// <summary>
/// One caller's way through a model: write <see cref="Input"/>, <see cref="Run"/>, read <see cref="Output"/>. The
/// buffers are bound to ONNX Runtime once, so a run copies and allocates nothing. One thread at a time.
/// </summary>
public sealed class ModelSession : IDisposable
{
    private readonly LoadedModel _model;
    private readonly OrtIoBinding _binding;
    private readonly float[] _input;
    private readonly float[] _output;
    private readonly (OrtValue Input, OrtValue Output)?[] _shapes;
    private int _boundRows;

    private ModelSession(LoadedModel model)
    {
        _model = model;

        // Pinned for life: ONNX Runtime keeps their addresses.
        _input = GC.AllocateArray<float>(model.RowsMax * InputWidth, pinned: true);
        _output = GC.AllocateArray<float>(model.RowsMax * OutputWidth, pinned: true);
        _shapes = new (OrtValue, OrtValue)?[model.RowsMax + 1];
        _binding = model.Session.CreateIoBinding();
    }

    /// <summary>The model's name and version.</summary>
    public ModelReference Model => _model.Manifest.Reference;

    public ModelManifest Manifest => _model.Manifest;

    /// <summary>The variant that is loaded; not the wished one where the bundle lacks it.</summary>
    public ModelVariant Variant => _model.Variant;

    /// <summary>The execution provider that is asked first.</summary>
    public string Provider => _model.Provider;

    /// <summary>A sentence for each wished execution provider that could not be used.</summary>
    public IReadOnlyList<string> ProvidersPassedOver => _model.PassedOver;

    /// <summary>Values of one row of input.</summary>
    public int InputWidth => _model.Manifest.Input.Width;

    /// <summary>Values of one row of output.</summary>
    public int OutputWidth => _model.Manifest.Output.Width;

    /// <summary>Rows that one run takes at most.</summary>
    public int RowsMax => _model.RowsMax;

    /// <summary>The model's input, shape (<see cref="RowsMax"/> × <see cref="InputWidth"/>,), row after row.</summary>
    public Span<float> Input => _input;

    /// <summary>The last run's output, (<see cref="RowsMax"/> × <see cref="OutputWidth"/>,), row after row.</summary>
    public ReadOnlySpan<float> Output => _output;

    /// <summary>Loads a model and runs it once on zeros, so that the first window is as quick as the next.</summary>
    /// <exception cref="ModelBundleException">The file is not the model that the manifest describes, or does
    /// not run.</exception>
    public static ModelSession Open(ModelBundle bundle, ModelSessionOptions options)
    {
        var model = LoadedModel.Open(bundle, options);
        ModelSession? session = null;
        try
        {
            session = new ModelSession(model);
            session.Prove(bundle.Folder);
            return session;
        }
        catch
        {
            (session ?? (IDisposable)model).Dispose();
            throw;
        }
    }

    /// <summary>Runs the first rows of <see cref="Input"/> into the same rows of <see cref="Output"/>.</summary>
    /// <param name="rows">1 to <see cref="RowsMax"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">Too many rows, or none.</exception>
    /// <exception cref="OnnxRuntimeException">The model failed, in ONNX Runtime's words.</exception>
    public void Run(int rows = 1)
    {
        if (rows != _boundRows)
            Bind(rows);
        _model.Session.RunWithBinding(_model.RunOptions, _binding);
    }

    /// <summary>The finding of one row of the last run.</summary>
    /// <param name="row">Less than the rows of that run.</param>
    public Finding Evaluate(int row = 0) => Manifest.Score.Evaluate(
        _input.AsSpan(row * InputWidth, InputWidth), _output.AsSpan(row * OutputWidth, OutputWidth));

    /// <summary>Ends the profile that <see cref="ModelSessionOptions.ProfilePrefix"/> asked for.</summary>
    /// <returns>The file it is in (Chrome trace JSON); empty if none was asked for.</returns>
    public string EndProfiling() => _model.Session.EndProfiling();

    public void Dispose()
    {
        _binding.Dispose();
        foreach (var shape in _shapes)
        {
            shape?.Input.Dispose();
            shape?.Output.Dispose();
        }

        _model.Dispose();
    }

    /// <summary>Runs once on zeros, with the most rows that a run takes.</summary>
    /// <exception cref="ModelBundleException">It fails, or its answer is not finite.</exception>
    private void Prove(string folder)
    {
        var fileName = Manifest.Files[Variant].FileName;
        try
        {
            Run(RowsMax);
            Run();
        }
        catch (OnnxRuntimeException e)
        {
            throw new ModelBundleException(folder, [$"{fileName}: does not run: {e.Message}"], e);
        }

        if (FiniteValues.FirstNonFinite(_output.AsSpan(0, OutputWidth)) is >= 0 and var bad)
            throw new ModelBundleException(
                folder,
                [$"{fileName}: gives {_output[bad]} as output {bad} for an input of zeros: its weights are broken"]);
    }

    private void Bind(int rows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, RowsMax);
        var (input, output) = _shapes[rows] ??= (Value(_input, rows, InputWidth), Value(_output, rows, OutputWidth));
        _boundRows = 0;
        _binding.BindInput(Manifest.Input.Name, input);
        _binding.BindOutput(Manifest.Output.Name, output);
        _boundRows = rows;
    }

    private static OrtValue Value(float[] buffer, int rows, int width) => OrtValue.CreateTensorValueFromMemory(
        OrtMemoryInfo.DefaultInstance, buffer.AsMemory(0, rows * width), [rows, width]);
}
