namespace LeptonEdge.Benchmarks.Splitting;

/// <summary>Networks that look at images, in the manner of well-known ones, some of them narrower.</summary>
internal static class ImageModels
{
    public static byte[] LeNet()
    {
        var m = new ModelMaker("lenet", 1);
        var at = m.MaxPool(m.ConvRelu(m.Input(1, 28, 28), 1, 6, 5));
        at = m.MaxPool(m.ConvRelu(at, 6, 16, 5, pad: 0));
        at = m.Relu(m.Dense(m.Op("Flatten", at), 400, 120));
        return m.Output(m.Dense(m.Relu(m.Dense(at, 120, 84)), 84, 10), 10);
    }

    public static byte[] AlexNet()
    {
        var m = new ModelMaker("alexnet", 2);
        var at = m.MaxPool(m.ConvRelu(m.Input(3, 227, 227), 3, 96, 11, 4, 0), 3, 2);
        at = m.MaxPool(m.ConvRelu(at, 96, 256, 5, groups: 2), 3, 2);
        at = m.ConvRelu(m.ConvRelu(at, 256, 384, 3), 384, 384, 3, groups: 2);
        at = m.MaxPool(m.ConvRelu(at, 384, 256, 3, groups: 2), 3, 2);
        at = m.Relu(m.Dense(m.Op("Flatten", at), 9216, 2048));
        return m.Output(m.Dense(m.Relu(m.Dense(at, 2048, 2048)), 2048, 1000), 1000);
    }

    public static byte[] Vgg()
    {
        var m = new ModelMaker("vgg", 3);
        var (at, from) = (m.Input(3, 112, 112), 3);
        foreach (var (to, layers) in new[] { (32, 1), (64, 1), (128, 2), (256, 2), (256, 2) })
        {
            for (var layer = 0; layer < layers; layer++)
                (at, from) = (m.ConvRelu(at, from, to, 3), to);
            at = m.MaxPool(at);
        }

        at = m.Relu(m.Dense(m.Op("Flatten", at), 256 * 9, 512));
        return m.Output(m.Dense(at, 512, 100), 100);
    }

    public static byte[] ResNet()
    {
        var m = new ModelMaker("resnet", 4);
        return m.Output(Blocks(m, m.MaxPool(m.ConvRelu(m.Input(3, 224, 224), 3, 64, 7, 2), 3, 2, 1)), 1000);
    }

    /// <summary>Made to be split: twelve channels of 28 × 28 are all that the layers behind the first see.</summary>
    /// <remarks>After Matsubara and others, "Split Computing" (ACM Computing Surveys 55, 2022).</remarks>
    public static byte[] Bottleneck()
    {
        var m = new ModelMaker("bottleneck", 11);
        var at = m.MaxPool(m.ConvRelu(m.Input(3, 224, 224), 3, 32, 7, 2), 3, 2, 1);
        at = m.ConvRelu(at, 32, 12, 3, 2);
        return m.Output(Blocks(m, m.ConvRelu(at, 12, 64, 3)), 1000);
    }

    private static string Blocks(ModelMaker m, string at)
    {
        var from = 64;
        foreach (var to in new[] { 64, 128, 256, 512 })
        {
            for (var block = 0; block < 2; block++)
            {
                var stride = block == 0 && to > 64 ? 2 : 1;
                var inner = m.Conv(m.ConvRelu(at, from, to, 3, stride), to, to, 3);
                var skip = from == to ? at : m.Conv(at, from, to, 1, stride);
                (at, from) = (m.Relu(m.Op("Add", inner, skip)), to);
            }
        }

        return m.Dense(m.Pooled(at), 512, 1000);
    }

    public static byte[] MobileNet()
    {
        var m = new ModelMaker("mobilenet", 5);
        var (at, from) = (m.ConvRelu(m.Input(3, 224, 224), 3, 32, 3, 2), 32);
        (int To, int Stride)[] blocks =
        [
            (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1), (512, 1), (512, 1), (512, 1), (512, 1),
            (1024, 2), (1024, 1),
        ];
        foreach (var (to, stride) in blocks)
            (at, from) = (m.ConvRelu(m.ConvRelu(at, from, from, 3, stride, groups: from), from, to, 1), to);
        return m.Output(m.Dense(m.Pooled(at), 1024, 1000), 1000);
    }

    public static byte[] Inception()
    {
        var m = new ModelMaker("inception", 6);
        var at = m.MaxPool(m.ConvRelu(m.Input(3, 224, 224), 3, 64, 7, 2), 3, 2, 1);
        at = m.MaxPool(m.ConvRelu(m.ConvRelu(at, 64, 64, 1), 64, 192, 3), 3, 2, 1);
        var from = 192;
        int[][] modules =
        [
            [64, 96, 128, 16, 32, 32], [128, 128, 192, 32, 96, 64], [], [192, 96, 208, 16, 48, 64],
            [160, 112, 224, 24, 64, 64], [128, 128, 256, 24, 64, 64], [256, 160, 320, 32, 128, 128], [],
            [256, 160, 320, 32, 128, 128], [384, 192, 384, 48, 128, 128],
        ];
        foreach (var w in modules)
        {
            if (w.Length == 0)
            {
                at = m.MaxPool(at, 3, 2, 1);
                continue;
            }

            at = m.Concat(
                m.ConvRelu(at, from, w[0], 1), m.ConvRelu(m.ConvRelu(at, from, w[1], 1), w[1], w[2], 3),
                m.ConvRelu(m.ConvRelu(at, from, w[3], 1), w[3], w[4], 5),
                m.ConvRelu(m.MaxPool(at, 3, 1, 1), from, w[5], 1));
            from = w[0] + w[2] + w[4] + w[5];
        }

        return m.Output(m.Dense(m.Pooled(at), from, 1000), 1000);
    }

    /// <summary>Boxes and classes at four scales, each from a feature map of the same backbone.</summary>
    public static byte[] Detector()
    {
        var m = new ModelMaker("detector", 7);
        var (at, from, size) = (m.ConvRelu(m.Input(3, 192, 192), 3, 32, 3, 2), 32, 96);
        (at, from, size) = (m.ConvRelu(at, from, 64, 3, 2), 64, size / 2);
        var outputs = new List<(string, long[])>();
        foreach (var to in new[] { 128, 256, 256, 256 })
        {
            (at, from, size) = (m.ConvRelu(m.ConvRelu(at, from, to, 3, 2), to, to, 3), to, size / 2);
            foreach (var (values, last) in new[] { (3 * 4, 4), (3 * 21, 21) })
            {
                var head = m.Transpose(m.Conv(at, from, values, 3), 0, 2, 3, 1);
                outputs.Add((m.Reshape(head, 1, -1, last), [size * size * 3, last]));
            }
        }

        return m.Outputs([.. outputs]);
    }
}
