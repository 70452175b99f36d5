using LeptonEdge.Inference.Graphs;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Inference.Graphs;

public sealed class ModelFuzzTests
{
    // A model of some kilobytes has no business with more.
    private const long AllocationMax = 4 << 20;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Mutated_models_are_refused_or_pass_and_never_cost_memory(int seed)
    {
        var random = new Random(seed);
        var models = new[] { Mlp(), Conv() };
        var (passed, refused) = (0, 0);
        for (var round = 0; round < 4000; round++)
        {
            var bytes = Mutate((byte[])models[round % models.Length].Clone(), random);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                ModelCheck.Check(bytes);
                passed++;
            }
            catch (ModelException fault)
            {
                Assert.NotEmpty(fault.Message);
                refused++;
            }

            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated < AllocationMax, $"seed {seed}, round {round}: {allocated} bytes");
        }

        // Both ways are walked, or this test says nothing.
        Assert.True(passed > 100 && refused > 100, $"{passed} passed, {refused} refused");
    }

    [Fact]
    public void A_file_full_of_empty_nodes_is_refused_before_it_fills_the_memory()
    {
        var graph = new byte[6 << 20];
        for (var i = 0; i < graph.Length; i += 2)
            graph[i] = (1 << 3) | 2;
        var model = new MemoryStream();
        model.Write([0x08, 8, 0x3a]);
        for (var left = (uint)graph.Length; ; left >>= 7)
        {
            model.WriteByte((byte)(left >= 0x80 ? left | 0x80 : left));
            if (left < 0x80)
                break;
        }

        model.Write(graph);
        Assert.Contains("more than 1,000,000 nodes", ModelCheck.FindFault(model.ToArray()));
    }

    private static byte[] Mutate(byte[] bytes, Random random)
    {
        for (var changes = random.Next(1, 5); changes > 0; changes--)
        {
            var at = random.Next(bytes.Length);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bytes = [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + random.Next(1, 40))..], 0];
                    break;
                case 3:
                    bytes = [.. bytes[..at], .. Enumerable.Repeat((byte)0xff, random.Next(1, 10)), .. bytes[at..]];
                    break;
                default:
                    bytes = [.. bytes[..at], .. bytes[random.Next(at + 1)..]];
                    break;
            }
        }

        return bytes;
    }

    private static byte[] Mlp() => TinyOnnx.Mlp(width: 8, layers: 3, classes: 2);

    private static byte[] Conv()
    {
        var model = new GraphBuilder("conv");
        model.Input("x", [-1, 2, 16]);
        model.Constant("w", [.. Enumerable.Range(0, 4 * 2 * 3).Select(i => i * 0.1f)], 4, 2, 3);
        model.Node("Conv", "c", ["x", "w"], ("pads", new long[] { 1, 1 }));
        model.Node("Relu", "r", ["c"]);
        model.Node("MaxPool", "p", ["r"], ("kernel_shape", new long[] { 2 }), ("strides", new long[] { 2 }));
        model.Integers("shape", 0, -1);
        model.Node("Reshape", "y", ["p", "shape"]);
        return model.Output("y", [-1, 32]).ToArray();
    }
}
