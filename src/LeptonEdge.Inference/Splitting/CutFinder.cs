using LeptonEdge.Inference.Graphs;

namespace LeptonEdge.Inference.Splitting;

/// <summary>Finds where a model can be cut in two, and says why elsewhere it cannot.</summary>
public sealed class CutFinder
{
    private const int NamedMax = 3;

    private readonly DataFlow _flow;
    private IReadOnlyList<ModelCut>? _single;

    /// <param name="graph">A checked model's graph.</param>
    public CutFinder(ModelGraph graph) => _flow = new DataFlow(graph);

    /// <summary>Every cut where a single tensor crosses (and inputs that the rest reads too), in the order of
    /// running.</summary>
    public IReadOnlyList<ModelCut> SingleCuts => _single ??=
    [
        .. _flow.Tensors.Select(_flow.Smallest).Distinct()
            .Select(tensor => TryFind([tensor]).Cut).OfType<ModelCut>()
            .OrderBy(cut => _flow.Maker(cut.Tensors[0])),
    ];

    /// <summary>Whether the model has a tensor of this name that a cut may go through.</summary>
    public bool Has(string tensor) => _flow.IsData(tensor);

    /// <summary>The cut through some tensors; one within a quantized pair is moved to its quantized form.</summary>
    /// <param name="tensors">Names of tensors within the model.</param>
    /// <exception cref="SplitException">They do not cut the model in two; the message names those near that
    /// do.</exception>
    public ModelCut Find(IReadOnlyList<string> tensors)
    {
        foreach (var tensor in tensors)
        {
            if (FaultOf(tensor) is { } fault)
                throw new SplitException($"{fault}; {Nearest(tensor)}");
        }

        var (cut, reason) = TryFind([.. tensors.Select(_flow.Smallest).Distinct()]);
        return cut ?? throw new SplitException($"{reason}; {Nearest(tensors[0])}");
    }

    private string? FaultOf(string tensor)
    {
        if (_flow.IsInput(tensor))
            return $"'{tensor}' is the model's own input: nothing would run before the cut";
        if (_flow.Graph.Initializer(tensor) is not null || (_flow.Graph.Has(tensor) && !_flow.IsData(tensor)))
            return $"'{tensor}' does not depend on the model's input: each stage has its own copy";
        return _flow.Graph.Has(tensor) ? null : $"the model has no tensor '{tensor}'";
    }

    private (ModelCut? Cut, string? Reason) TryFind(string[] tensors)
    {
        string[] outputs = [.. _flow.Graph.Content.Outputs.Select(output => output.Name)];
        var head = Ancestors(tensors);
        string[] tailOutputs = [.. outputs.Where(output => !IsIn(head, output))];
        var (tail, read, missing) = Rest(tailOutputs, tensors, head);
        while (missing.Count > 0)
        {
            // An output that the cut does not feed is the first stage's where it reads what runs there.
            var early = tailOutputs.Where(output => Rest([output], tensors, head) is var alone
                && alone.Missing.Count > 0 && !alone.Read.Overlaps(tensors)).ToArray();
            if (early.Length == 0)
                return (null, $"a cut at {Quoted(tensors)} does not separate the model: what comes after also reads "
                    + $"{Quoted(missing)} from before it");
            head = Ancestors([.. tensors, .. outputs.Except(tailOutputs), .. early]);
            tailOutputs = [.. outputs.Where(output => !IsIn(head, output))];
            (tail, read, missing) = Rest(tailOutputs, tensors, head);
        }

        if (!Enumerable.Range(0, _flow.Count).Any(at => tail[at] && _flow.IsDataNode(at)))
            return (null, $"nothing is left to run after {Quoted(tensors)}");
        if (tensors.Where(tensor => !read.Contains(tensor)).ToArray() is { Length: > 0 } unread)
            return (null, $"what comes after the cut does not read {Quoted(unread)}");
        return (new ModelCut(
            tensors, [.. _flow.Graph.Inputs.Select(input => input.Name).Where(read.Contains)], Places(head),
            Places(tail), [.. outputs.Except(tailOutputs)], tailOutputs), null);
    }

    private bool IsIn(bool[] nodes, string tensor) => _flow.Maker(tensor) is >= 0 and var maker && nodes[maker];

    private bool[] Ancestors(string[] tensors)
    {
        var seen = new bool[_flow.Count];
        var open = new Stack<string>(tensors);
        while (open.TryPop(out var tensor))
        {
            if (_flow.Maker(tensor) is not (>= 0 and var maker) || seen[maker])
                continue;
            seen[maker] = true;
            foreach (var read in _flow.Reads(maker))
                open.Push(read);
        }

        return seen;
    }

    /// <summary>What makes some outputs out of the cut's tensors: its nodes, all that it reads, and of that what only
    /// the first stage has.</summary>
    private (bool[] Tail, HashSet<string> Read, SortedSet<string> Missing) Rest(
        string[] outputs, string[] tensors, bool[] head)
    {
        var (tail, read) = (new bool[_flow.Count], new HashSet<string>());
        var missing = new SortedSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(outputs);
        while (open.TryPop(out var tensor))
        {
            read.Add(tensor);
            if (tensors.Contains(tensor) || _flow.Maker(tensor) is not (>= 0 and var maker) || tail[maker])
                continue;
            if (head[maker] && _flow.IsDataNode(maker) && !IsCopied(maker, tensors))
            {
                missing.Add(tensor);
                continue;
            }

            tail[maker] = true;
            foreach (var next in _flow.Reads(maker))
                open.Push(next);
        }

        return (tail, read, missing);
    }

    /// <summary>What only turns a crossing tensor's bytes back into floats stands in both stages.</summary>
    private bool IsCopied(int maker, string[] tensors) =>
        _flow.Graph.Order[maker] is { Operator: "DequantizeLinear" } node && tensors.Contains(node.Input(0));

    private string Nearest(string tensor)
    {
        if (SingleCuts.Count == 0)
            return "no single tensor cuts it: name several, separated by commas";
        var place = _flow.Maker(tensor) is >= 0 and var maker
            ? maker : _flow.Graph.Consumers(tensor).Select(reader => _flow.Maker(reader.Outputs[0])).FirstOrDefault();
        var near = SingleCuts.OrderBy(cut => Math.Abs(_flow.Maker(cut.Tensors[0]) - place)).Take(NamedMax)
            .OrderBy(cut => _flow.Maker(cut.Tensors[0]));
        return $"nearest cuts: {Quoted(near.Select(cut => cut.Tensors[0]))} (--list shows all {SingleCuts.Count})";
    }

    private int[] Places(bool[] chosen) =>
        [.. Enumerable.Range(0, chosen.Length).Where(at => chosen[at]).Select(at => _flow.Graph.Order[at].Index)];

    private static string Quoted(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"'{name}'"));
}
