using System.Buffers.Binary;
using System.Diagnostics;
using Google.Protobuf;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Inference.Sessions;
using LeptonEdge.Inference.Tensors;
using LeptonEdge.Protocol.Inference;

namespace LeptonEdge.Benchmarks.Offload;

/// <summary>A model without any server.</summary>
/// <param name="Request">A request of one row in gRPC's framing.</param>
/// <param name="AloneMicros">Median time of a run of one row.</param>
/// <param name="TogetherMicros">Median time of a row in a run of many.</param>
internal sealed record ModelCost(byte[] Request, double AloneMicros, double TogetherMicros)
{
    private const int Runs = 500;

    public static ModelCost Measure(string name, int rows)
    {
        var bundle = ModelBundle.Load(Path.Combine(OffloadServer.Models, name, "1.0.0"));
        using var model = TensorModel.Open(bundle, new ModelSessionOptions { Variant = ModelVariant.Fp32 });
        var width = model.Inputs[0].Shape.Skip(1).Aggregate(1L, (product, dimension) => product * dimension);
        var request = Frame(name, model.Inputs[0].Name, new byte[width * sizeof(float)]);
        return new ModelCost(request, Time(model, 1, width), Time(model, rows, width) / rows);
    }

    public static byte[] Frame(string model, string input, byte[] raw)
    {
        var message = new ModelInferRequest
        {
            ModelName = model,
            Inputs =
            {
                new ModelInferRequest.Types.InferInputTensor
                {
                    Name = input, Datatype = "FP32", Shape = { 1, raw.Length / sizeof(float) },
                },
            },
            RawInputContents = { ByteString.CopyFrom(raw) },
        }.ToByteArray();
        var framed = new byte[5 + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(framed.AsSpan(1), message.Length);
        message.CopyTo(framed, 5);
        return framed;
    }

    private static double Time(TensorModel model, int rows, long width)
    {
        Tensor[] inputs =
        [
            new()
            {
                Name = model.Inputs[0].Name, Type = model.Inputs[0].Type, Shape = [rows, width],
                Data = new byte[rows * width * sizeof(float)],
            },
        ];
        string[] outputs = [model.Outputs[0].Name];
        var micros = new double[Runs];
        for (var i = -Runs / 10; i < micros.Length; i++)
        {
            var start = Stopwatch.GetTimestamp();
            model.Run(inputs, outputs);
            if (i >= 0)
                micros[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }

        return Statistics.Median(micros);
    }
}
