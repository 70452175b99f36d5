using System.Buffers;
using Google.Protobuf;
using Grpc.Core;
using LeptonEdge.Inference.Tensors;
using LeptonEdge.Protocol.Inference;
using LeptonEdge.Serving.Grpc;
using Tensor = LeptonEdge.Inference.Tensors.Tensor;

namespace LeptonEdge.Tests.Serving;

/// <summary>The messages that are read and written by hand are those that generated code reads and writes.</summary>
public sealed class InferMessageTests
{
    private static readonly ModelInferRequest s_full = new()
    {
        ModelName = "bearing-fault",
        ModelVersion = "1.0.0",
        Id = "Nº 7",
        Parameters =
        {
            ["priority"] = new InferParameter { Int64Param = 3 },
            ["workload"] = new InferParameter { StringParam = "bearing" },
        },
        Inputs =
        {
            new ModelInferRequest.Types.InferInputTensor
            {
                Name = "x", Datatype = "FP32", Shape = { 1, 300, -1 },
                Parameters = { ["unread"] = new InferParameter { BoolParam = true } },
                Contents = new InferTensorContents { Fp32Contents = { 1, 2, 3 } },
            },
            new ModelInferRequest.Types.InferInputTensor { Name = "größe", Datatype = "INT64" },
        },
        Outputs =
        {
            new ModelInferRequest.Types.InferRequestedOutputTensor { Name = "y" },
            new ModelInferRequest.Types.InferRequestedOutputTensor { Name = "z" },
        },
        RawInputContents = { ByteString.CopyFrom(1, 2, 3), ByteString.Empty },
    };

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(int.MaxValue)]
    public void A_request_is_read_as_generated_code_reads_it_however_it_lies_in_memory(int piece)
    {
        // Twice, as names that came before are known.
        for (var i = 0; i < 2; i++)
        {
            var call = InferCall.Read(Pieces.Of(s_full.ToByteArray(), piece));
            Assert.Equal(
                (s_full.ModelName, s_full.ModelVersion, s_full.Id), (call.ModelName, call.ModelVersion, call.Id));
            Assert.Equal(s_full.Parameters.OrderBy(pair => pair.Key), call.Parameters.OrderBy(pair => pair.Key));
            Assert.Equal(["y", "z"], call.Outputs!);
            Assert.Equal([[1, 2, 3], []], call.Raw.Select(raw => raw.ToArray()));
            Assert.Equal(s_full.Inputs.Count, call.Inputs.Count);
            foreach (var (ours, theirs) in call.Inputs.Zip(s_full.Inputs))
            {
                Assert.Equal((theirs.Name, theirs.Datatype), (ours.Name, ours.Datatype));
                Assert.Equal(theirs.Shape, ours.Shape);
                Assert.Equal(theirs.Contents, ours.Contents);
            }

            Assert.Equal(3 + s_full.Inputs[0].Contents.CalculateSize(), call.Bytes);
        }
    }

    [Fact]
    public void A_shape_that_is_not_packed_is_read_and_unknown_fields_are_passed_over()
    {
        // inputs (5): shape (3) as two varints, then field 9 of each kind; and field 15 beside it.
        byte[] input = [0x18, 0x05, 0x18, 0xac, 0x02, 0x48, 0x01, 0x4d, 1, 2, 3, 4, 0x49, 1, 2, 3, 4, 5, 6, 7, 8];
        byte[] message = [0x2a, (byte)input.Length, .. input, 0x7a, 0x02, 0xff, 0xff];
        var call = InferCall.Read(new ReadOnlySequence<byte>(message));
        Assert.Equal([5L, 300L], Assert.Single(call.Inputs).Shape);
        Assert.Equal(ModelInferRequest.Parser.ParseFrom(message).Inputs[0].Shape, call.Inputs[0].Shape);
    }

    [Fact]
    public void No_part_of_a_request_is_taken_for_a_whole_one_unless_generated_code_takes_it_too()
    {
        var whole = s_full.ToByteArray();
        for (var length = 0; length < whole.Length; length++)
        {
            var part = whole[..length];
            var theirs = Record.Exception(() => ModelInferRequest.Parser.ParseFrom(part));
            var ours = Record.Exception(() => InferCall.Read(new ReadOnlySequence<byte>(part)));
            Assert.Equal(theirs is null, ours is null);
        }
    }

    [Fact]
    public void A_shape_of_more_dimensions_than_any_tensor_has_is_refused()
    {
        var request = new ModelInferRequest { Inputs = { new ModelInferRequest.Types.InferInputTensor() } };
        request.Inputs[0].Shape.AddRange(Enumerable.Repeat(1L, 65));
        var refused = Assert.Throws<RpcException>(
            () => InferCall.Read(new ReadOnlySequence<byte>(request.ToByteArray())));
        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
    }

    [Theory]
    [InlineData("", "", "")]
    [InlineData("1.0.0", "Nº 7", "")]
    [InlineData("", "", "the model is not served here")]
    public void A_reply_is_written_as_generated_code_writes_it(string version, string id, string error)
    {
        Tensor[] outputs = error.Length > 0 ? [] :
        [
            new() { Name = "y", Type = TensorType.Float32, Shape = [1, 300], Data = new byte[1200] },
            new() { Name = "größe", Type = TensorType.Int64, Shape = [], Data = new byte[] { 1, 2, 3, 4, 5, 6, 7, 8 } },
            new() { Name = "none", Type = TensorType.UInt8, Shape = [0] },
            new()
            {
                Name = "text", Type = TensorType.Bytes, Shape = [2],
                Strings = [new byte[] { 65, 66 }, ReadOnlyMemory<byte>.Empty],
            },
        ];
        var expected = new ModelInferResponse { ModelName = "bearing-fault", ModelVersion = version, Id = id };
        foreach (var output in outputs)
        {
            expected.Outputs.Add(new ModelInferResponse.Types.InferOutputTensor
            {
                Name = output.Name, Datatype = output.Type.Name(), Shape = { output.Shape },
            });
            expected.RawOutputContents.Add(ByteString.CopyFrom(output.Type == TensorType.Bytes
                ? [2, 0, 0, 0, 65, 66, 0, 0, 0, 0]
                : output.Data.ToArray()));
        }

        var reply = new InferReply("bearing-fault", version, id, outputs, error);
        Assert.Equal(expected.ToByteArray(), Written.By(InferReply.Marshaller, reply));
        Assert.Equal(
            new ModelStreamInferResponse { ErrorMessage = error, InferResponse = expected }.ToByteArray(),
            Written.By(InferReply.StreamMarshaller, reply));
    }

    private sealed class Written : SerializationContext
    {
        private readonly ArrayBufferWriter<byte> _buffer = new();
        private int _length = -1;

        public static byte[] By<T>(Marshaller<T> marshaller, T message)
        {
            var context = new Written();
            marshaller.ContextualSerializer(message, context);
            Assert.Equal(context._length, context._buffer.WrittenCount);
            return context._buffer.WrittenSpan.ToArray();
        }

        public override void SetPayloadLength(int payloadLength) => _length = payloadLength;

        public override IBufferWriter<byte> GetBufferWriter() => _buffer;

        public override void Complete()
        {
        }

        public override void Complete(byte[] payload) => throw new NotSupportedException();
    }

    private sealed class Pieces : ReadOnlySequenceSegment<byte>
    {
        public static ReadOnlySequence<byte> Of(byte[] bytes, int size)
        {
            Pieces? first = null, last = null;
            foreach (var piece in bytes.Chunk(Math.Min(size, bytes.Length)))
            {
                var next = new Pieces { Memory = piece };
                next.RunningIndex = last is null ? 0 : last.RunningIndex + last.Memory.Length;
                if (last is not null)
                    last.Next = next;
                (first, last) = (first ?? next, next);
            }

            return new ReadOnlySequence<byte>(first!, 0, last!, last!.Memory.Length);
        }
    }
}
