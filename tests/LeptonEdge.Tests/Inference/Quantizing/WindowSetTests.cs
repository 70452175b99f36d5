using System.Text;
using LeptonEdge.Inference.Graphs;
using LeptonEdge.Inference.Quantizing;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Inference.Quantizing;

public sealed class WindowSetTests : IDisposable
{
    private static readonly GraphValue Input = new("x", new TensorType(ElementType.Float, [new(-1, "N"), 2, 3]));

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Stacked_windows_and_windows_of_their_own_are_read_in_the_order_of_their_names()
    {
        Save("b.npy", "<f4", "(2, 2, 3)", Enumerable.Range(6, 12).SelectMany(i => BitConverter.GetBytes((float)i)));
        Save("a.npy", "<f8", "(2, 3)", Enumerable.Range(0, 6).SelectMany(i => BitConverter.GetBytes((double)i)));
        Save("labels.npy", "<i8", "(3,)", new long[] { 2, 0, 1 }.SelectMany(BitConverter.GetBytes));
        var windows = WindowSet.Read(_folder.Path, Input);
        Assert.Equal(3, windows.Count);
        Assert.Equal(Enumerable.Range(0, 18).Select(i => (float)i), windows.Values);
        Assert.Equal([2f, 0f, 1f], windows.Labels!);
        Assert.True(windows.LabelsAreClasses);
        Assert.Equal([0f, 1f, 2f, 3f, 4f, 5f], windows.Spread(1).Values);
    }

    [Theory]
    [InlineData("<f4", "(2, 4)", 8, "takes windows of (2, 3): stack them on the first axis")]
    [InlineData("<f4", "(2, 3)", 5, "says 6 elements of 4 bytes, but holds 20 bytes")]
    [InlineData("<f4", "(99999999999, 99999999999, 9)", 5, "says")]
    [InlineData(">f4", "(2, 3)", 6, "save x.astype('float32')")]
    [InlineData("<c8", "(2, 3)", 12, "save x.astype('float32')")]
    public void An_array_that_does_not_fit_is_named_with_the_remedy(
        string kind, string shape, int floats, string reason)
    {
        Save("x.npy", kind, shape, new byte[floats * 4]);
        var fault = Assert.Throws<QuantizerException>(() => WindowSet.Read(_folder.Path, Input));
        Assert.Contains("x.npy: ", fault.Message);
        Assert.Contains(reason, fault.Message);
    }

    [Fact]
    public void A_window_with_NaN_is_refused_and_so_is_a_folder_without_windows()
    {
        Assert.Contains("holds no .npy files", Refusal());
        Save("x.npy", "<f4", "(2, 3)", Enumerable.Repeat(float.NaN, 6).SelectMany(BitConverter.GetBytes));
        Assert.Contains("holds NaN as value 0", Refusal());
        File.WriteAllText(_folder.File("x.npy"), "not an array, but long enough");
        Assert.Contains("is not an array that NumPy saved", Refusal());
        Save("x.npy", "<f4", "(2, 3)", new byte[24]);
        Save("labels.npy", "<i8", "(2,)", new byte[16]);
        Assert.Contains("labels.npy: has shape (2), but there are 1 windows", Refusal());
    }

    private string Refusal() =>
        Assert.Throws<QuantizerException>(() => WindowSet.Read(_folder.Path, Input)).Message;

    private void Save(string name, string kind, string shape, IEnumerable<byte> data)
    {
        var header = $"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}";
        header = header.PadRight(117) + "\n";
        byte[] start = [0x93, .. Encoding.ASCII.GetBytes("NUMPY"), 1, 0, (byte)header.Length, 0];
        File.WriteAllBytes(_folder.File(name), [.. start, .. Encoding.ASCII.GetBytes(header), .. data]);
    }
}
