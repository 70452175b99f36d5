using LeptonEdge.Inference.Tensors;
using LeptonEdge.Protocol.Inference;
using LeptonEdge.Serving.Models;

namespace LeptonEdge.Serving.Grpc;

/// <summary>What the server says of itself and its models, as messages; REST writes the same ones as JSON.</summary>
internal static class Descriptions
{
    private const string Platform = "onnxruntime_onnx";
    private const string Backend = "onnxruntime";
    private const ulong PriorityDefault = InferenceQuestion.PriorityDefault;
    private const ulong PriorityMax = InferenceQuestion.PriorityMax;

    private static readonly string[] s_extensions =
    [
        "model_repository", "model_configuration", "statistics", "binary_tensor_data", "parameters",
        "schedule_policy",
    ];

    public static ServerMetadataResponse Server(ServingOptions options) =>
        new() { Name = options.ServerName, Version = options.ServerVersion, Extensions = { s_extensions } };

    public static ModelMetadataResponse Metadata(ServedModel model, ModelRepository models) => new()
    {
        Name = model.Name,
        Versions = { models.Loaded.Where(other => other.Name == model.Name).Select(other => other.Version) },
        Platform = Platform,
        Inputs = { model.Tensors.Inputs.Select(spec => Metadata(spec, model)) },
        Outputs = { model.Tensors.Outputs.Select(spec => Metadata(spec, model)) },
    };

    public static ModelConfig Config(ServedModel model, ServingOptions options)
    {
        var skip = model.RowsMax > 0 ? 1 : 0;
        var config = new ModelConfig
        {
            Name = model.Name,
            Platform = Platform,
            Backend = Backend,
            VersionPolicy = new ModelVersionPolicy { Latest = new ModelVersionPolicy.Types.Latest { NumVersions = 1 } },
            MaxBatchSize = model.RowsMax,
            DefaultModelFilename = model.FileName,
            InstanceGroup =
            {
                new ModelInstanceGroup
                {
                    Name = $"{model.Name}_0",
                    Kind = model.Tensors.Provider == "CPU"
                        ? ModelInstanceGroup.Types.Kind.Cpu
                        : ModelInstanceGroup.Types.Kind.Model,
                    Count = options.Workers,
                },
            },
            Input =
            {
                model.Tensors.Inputs.Select(spec => new ModelInput
                {
                    Name = spec.Name, DataType = (DataType)spec.Type, Dims = { spec.Shape.Skip(skip) },
                }),
            },
            Output =
            {
                model.Tensors.Outputs.Select(spec => new ModelOutput
                {
                    Name = spec.Name, DataType = (DataType)spec.Type, Dims = { spec.Shape.Skip(skip) },
                }),
            },
        };
        if (model.Tensors.Rows == RowKind.Free && options.BatchMax > 1)
        {
            config.DynamicBatching = new ModelDynamicBatching
            {
                PriorityLevels = PriorityMax,
                DefaultPriorityLevel = PriorityDefault,
                DefaultQueuePolicy = new ModelQueuePolicy
                {
                    AllowTimeoutOverride = true, MaxQueueSize = (uint)options.QueueMax,
                },
            };
        }

        return config;
    }

    public static ModelStatistics Statistics(string name, string version, RunCounters counters)
    {
        var (counts, batches) = counters.Read();
        var runs = counts.Executions;
        return new ModelStatistics
        {
            Name = name,
            Version = version,
            LastInference = (ulong)counts.LastMillis,
            InferenceCount = (ulong)counts.Rows,
            ExecutionCount = (ulong)runs,
            InferenceStats = new InferStatistics
            {
                Success = Duration(counts.Successes, counts.Success),
                Fail = Duration(counts.Failures, counts.Failure),
                Queue = Duration(counts.Successes, counts.Queued),
                ComputeInput = Duration(runs, counts.Input),
                ComputeInfer = Duration(runs, counts.Infer),
                ComputeOutput = Duration(runs, counts.Output),
                CacheHit = new StatisticDuration(),
                CacheMiss = new StatisticDuration(),
            },
            BatchStats =
            {
                batches.Select(batch => new InferBatchStatistics
                {
                    BatchSize = (ulong)batch.Rows,
                    ComputeInput = Duration(batch.Count.Count, batch.Count.Input),
                    ComputeInfer = Duration(batch.Count.Count, batch.Count.Infer),
                    ComputeOutput = Duration(batch.Count.Count, batch.Count.Output),
                }),
            },
        };
    }

    public static RepositoryIndexResponse Index(IEnumerable<IndexEntry> entries, bool readyOnly) => new()
    {
        Models =
        {
            entries.Where(entry => entry.IsReady || !readyOnly).Select(entry =>
                new RepositoryIndexResponse.Types.ModelIndex
                {
                    Name = entry.Name, Version = entry.Version, State = entry.State, Reason = entry.Reason,
                }),
        },
    };

    private static ModelMetadataResponse.Types.TensorMetadata Metadata(TensorSpec spec, ServedModel model) =>
        new() { Name = spec.Name, Datatype = spec.Type.Name(), Shape = { model.ShapeOf(spec) } };

    private static StatisticDuration Duration(long count, TimeSpan sum) =>
        new() { Count = (ulong)count, Ns = (ulong)(sum.Ticks * TimeSpan.NanosecondsPerTick) };
}
