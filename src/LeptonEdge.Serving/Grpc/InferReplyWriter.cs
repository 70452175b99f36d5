using Google.Protobuf;
using LeptonEdge.Inference.Tensors;
using LeptonEdge.Protocol.Inference;

namespace LeptonEdge.Serving.Grpc;

/// <summary>Writes a reply; the elements are raw, as the stock servers send them.</summary>
internal static class InferReplyWriter
{
    public static ModelInferResponse Write(string id, InferenceAnswer answer)
    {
        var reply = new ModelInferResponse { ModelName = answer.Model, ModelVersion = answer.Version, Id = id };
        foreach (var output in answer.Outputs)
        {
            reply.Outputs.Add(new ModelInferResponse.Types.InferOutputTensor
            {
                Name = output.Name, Datatype = output.Type.Name(), Shape = { output.Shape },
            });
            // The bytes are nobody else's: a batch gives each request a part of its own.
            reply.RawOutputContents.Add(UnsafeByteOperations.UnsafeWrap(
                output.Type == TensorType.Bytes ? RawStrings.Join(output) : output.Data));
        }

        return reply;
    }
}
