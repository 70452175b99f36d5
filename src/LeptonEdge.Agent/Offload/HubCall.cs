using LeptonEdge.Protocol.Inference;

namespace LeptonEdge.Agent.Offload;

/// <summary>One question on its way, and what was tried for it.</summary>
/// <param name="features">What the answer is read with; the model's input, shape (N,).</param>
/// <param name="startedAt">A timestamp of the clock.</param>
/// <param name="patience">How long an answer is of use.</param>
/// <param name="mayRepeat">A second call may be made for it, as the budget allows.</param>
internal sealed class HubCall(
    HubQuestion question, ModelInferRequest request, float[] features, long startedAt, TimeSpan patience,
    bool mayRepeat)
{
    public HubQuestion Question => question;

    public ModelInferRequest Request => request;

    public ReadOnlySpan<float> Features => features;

    public TimeSpan Patience => patience;

    /// <summary>False once a second call was made: there is never a third.</summary>
    public bool MayRepeat { get; set; } = mayRepeat;

    /// <summary>The hub that was asked first.</summary>
    public HubEndpoint? First { get; set; }

    /// <summary>The hub that said when to ask again; null while none has.</summary>
    public HubEndpoint? Busy { get; set; }

    public TimeSpan Left(TimeProvider clock) => patience - clock.GetElapsedTime(startedAt);
}
