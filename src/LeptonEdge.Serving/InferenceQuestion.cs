using LeptonEdge.Inference.Tensors;

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
}
