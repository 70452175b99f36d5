using LeptonEdge.Inference.Tensors;
using LeptonEdge.Protocol.Inference;

namespace LeptonEdge.Serving;

/// <summary>A request as gRPC and REST both bring it, its tensors checked against the model.</summary>
/// <param name="Inputs">One for each input of the model, in the model's order.</param>
/// <param name="Outputs">Names of the outputs wanted, in the order wanted.</param>
/// <param name="Rows">Rows of the request; 0 for a model without rows.</param>
/// <param name="Timeout">What is left of the deadline; null where there is none.</param>
/// <param name="Priority">1, the most urgent, to 10; 0 for no wish.</param>
/// <param name="Caller">Who shares with whom.</param>
public sealed record InferenceQuestion(
    Tensor[] Inputs, IReadOnlyList<string> Outputs, int Rows, TimeSpan? Timeout, int Priority, string Caller)
{
    public const int PriorityDefault = 5;
    public const int PriorityMax = 10;

    /// <summary>Others are about to follow from the same caller, so that a run may wait for what is being read.</summary>
    public bool HasCompany { get; init; }

    /// <summary>The request's own, for a server that it is passed on to.</summary>
    public IEnumerable<KeyValuePair<string, InferParameter>> Parameters { get; init; } = [];

    /// <summary>What the request calls its workload; empty where it does not.</summary>
    public string Workload
    {
        get
        {
            if (Parameters is IDictionary<string, InferParameter> map)
                return map.TryGetValue("workload", out var workload) ? workload.StringParam : "";
            foreach (var (name, value) in Parameters)
            {
                if (name == WorkloadName)
                    return value.StringParam;
            }

            return "";
        }
    }

    /// <summary>The parameter that names the workload.</summary>
    public const string WorkloadName = "workload";
}

/// <summary>An answer as gRPC and REST both send it.</summary>
/// <param name="Outputs">Those wanted, in the order wanted.</param>
public sealed record InferenceAnswer(string Model, string Version, Tensor[] Outputs);
