using Google.Protobuf.Reflection;
using LeptonEdge.Protocol.Inference;
using LeptonEdge.Protocol.Rpc;

namespace LeptonEdge.Tests.Serving;

/// <summary>Names and numbers on the wire, as KServe's and Triton's specifications state them. Written down a second
/// time, so that no edit of the .proto files changes them unseen.</summary>
public sealed class ProtocolNumbersTests
{
    [Theory]
    [InlineData("ModelInferRequest",
        "model_name=1 model_version=2 id=3 parameters=4 inputs=5 outputs=6 raw_input_contents=7")]
    [InlineData("ModelInferRequest.InferInputTensor", "name=1 datatype=2 shape=3 parameters=4 contents=5")]
    [InlineData("ModelInferRequest.InferRequestedOutputTensor", "name=1 parameters=2")]
    [InlineData("ModelInferResponse",
        "model_name=1 model_version=2 id=3 parameters=4 outputs=5 raw_output_contents=6")]
    [InlineData("ModelInferResponse.InferOutputTensor", "name=1 datatype=2 shape=3 parameters=4 contents=5")]
    [InlineData("InferParameter", "bool_param=1 int64_param=2 string_param=3 double_param=4 uint64_param=5")]
    [InlineData("InferTensorContents",
        "bool_contents=1 int_contents=2 int64_contents=3 uint_contents=4 uint64_contents=5 fp32_contents=6 "
        + "fp64_contents=7 bytes_contents=8")]
    [InlineData("ModelStreamInferResponse", "error_message=1 infer_response=2")]
    [InlineData("ServerMetadataResponse", "name=1 version=2 extensions=3")]
    [InlineData("ModelMetadataResponse", "name=1 versions=2 platform=3 inputs=4 outputs=5")]
    [InlineData("ModelMetadataResponse.TensorMetadata", "name=1 datatype=2 shape=3")]
    [InlineData("ModelConfigRequest", "name=1 version=2")]
    [InlineData("ModelConfigResponse", "config=1")]
    [InlineData("ModelConfig",
        "name=1 platform=2 version_policy=3 max_batch_size=4 input=5 output=6 instance_group=7 "
        + "default_model_filename=8 cc_model_filenames=9 metric_tags=10 dynamic_batching=11 optimization=12 "
        + "sequence_batching=13 parameters=14 ensemble_scheduling=15 model_warmup=16 backend=17 model_operations=18 "
        + "model_transaction_policy=19 batch_input=20 batch_output=21 model_repository_agents=23 response_cache=24 "
        + "runtime=25 model_metrics=26")]
    [InlineData("ModelInput",
        "name=1 data_type=2 format=3 dims=4 reshape=5 is_shape_tensor=6 allow_ragged_batch=7 optional=8 "
        + "is_non_linear_format_io=9")]
    [InlineData("ModelOutput",
        "name=1 data_type=2 dims=3 label_filename=4 reshape=5 is_shape_tensor=6 is_non_linear_format_io=7")]
    [InlineData("ModelInstanceGroup",
        "name=1 count=2 gpus=3 kind=4 profile=5 rate_limiter=6 passive=7 secondary_devices=8 host_policy=9")]
    [InlineData("ModelDynamicBatching",
        "preferred_batch_size=1 max_queue_delay_microseconds=2 preserve_ordering=3 priority_levels=4 "
        + "default_priority_level=5 default_queue_policy=6 priority_queue_policy=7")]
    [InlineData("ModelQueuePolicy",
        "timeout_action=1 default_timeout_microseconds=2 allow_timeout_override=3 max_queue_size=4")]
    [InlineData("ModelStatistics",
        "name=1 version=2 last_inference=3 inference_count=4 execution_count=5 inference_stats=6 batch_stats=7 "
        + "memory_usage=8 response_stats=9")]
    [InlineData("InferStatistics",
        "success=1 fail=2 queue=3 compute_input=4 compute_infer=5 compute_output=6 cache_hit=7 cache_miss=8")]
    [InlineData("InferBatchStatistics", "batch_size=1 compute_input=2 compute_infer=3 compute_output=4")]
    [InlineData("StatisticDuration", "count=1 ns=2")]
    [InlineData("RepositoryIndexRequest", "repository_name=1 ready=2")]
    [InlineData("RepositoryIndexResponse.ModelIndex", "name=1 version=2 state=3 reason=4")]
    [InlineData("RepositoryModelLoadRequest", "repository_name=1 model_name=2 parameters=3")]
    [InlineData("RepositoryModelUnloadRequest", "repository_name=1 model_name=2 parameters=3")]
    [InlineData("ModelRepositoryParameter", "bool_param=1 int64_param=2 string_param=3 bytes_param=4")]
    public void A_message_has_the_fields_of_the_specification(string name, string fields)
    {
        MessageDescriptor? message = null;
        foreach (var part in name.Split('.'))
        {
            message = message is null
                ? OpenInferenceGrpcReflection.Descriptor.MessageTypes
                    .Concat(ModelConfigReflection.Descriptor.MessageTypes)
                    .Single(type => type.Name == part)
                : message.NestedTypes.Single(type => type.Name == part);
        }

        Assert.Equal($"inference.{name}", message!.FullName);
        Assert.Equal(
            fields, string.Join(' ', message.Fields.InFieldNumberOrder().Select(f => $"{f.Name}={f.FieldNumber}")));
    }

    [Fact]
    public void The_service_has_the_methods_of_the_specification()
    {
        var service = GRPCInferenceService.Descriptor;
        Assert.Equal("inference.GRPCInferenceService", service.FullName);
        Assert.Equal(
            "ServerLive ServerReady ModelReady ServerMetadata ModelMetadata ModelInfer ModelStreamInfer ModelConfig "
            + "ModelStatistics RepositoryIndex RepositoryModelLoad RepositoryModelUnload",
            string.Join(' ', service.Methods.Select(method => method.Name)));
        var stream = service.FindMethodByName("ModelStreamInfer");
        Assert.True(stream.IsClientStreaming && stream.IsServerStreaming);
    }

    [Fact]
    public void Data_types_and_the_retry_hint_have_their_numbers()
    {
        string[] types =
        [
            "INVALID", "BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16",
            "FP32", "FP64", "STRING", "BF16",
        ];
        var values = ModelConfigReflection.Descriptor.EnumTypes.Single(type => type.Name == "DataType").Values;
        Assert.Equal(types.Select((name, i) => ($"TYPE_{name}", i)), values.Select(v => (v.Name, v.Number)));
        Assert.Equal("google.rpc.RetryInfo", RetryInfo.Descriptor.FullName);
        Assert.Equal(1, RetryInfo.RetryDelayFieldNumber);
        Assert.Equal((1, 2, 3), (Status.CodeFieldNumber, Status.MessageFieldNumber, Status.DetailsFieldNumber));
    }
}
