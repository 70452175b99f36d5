namespace LeptonEdge.Inference.Graphs;

/// <summary>A graph whose names are resolved: who makes each tensor, who reads it, and in which order to run.</summary>
public sealed class ModelGraph
{
    private readonly Dictionary<string, GraphNode> _producers = [];
    private readonly Dictionary<string, List<GraphNode>> _consumers = [];
    private readonly Dictionary<string, GraphTensor> _initializers = [];
    private readonly HashSet<string> _given = [];

    private ModelGraph(GraphContent content)
    {
        Content = content;
        Order = [];
    }

    public GraphContent Content { get; }

    /// <summary>The nodes, each after those that it reads from.</summary>
    public IReadOnlyList<GraphNode> Order { get; private set; }

    /// <summary>Inputs that a caller must give: those without a default among the initializers.</summary>
    public IEnumerable<GraphValue> Inputs => Content.Inputs.Where(input => !_initializers.ContainsKey(input.Name));

    /// <summary>Reads and links a model's main graph.</summary>
    /// <exception cref="ModelException">It is no model, or its graph does not hold together.</exception>
    public static ModelGraph Read(ReadOnlyMemory<byte> file) => Link(GraphReader.Read(file).Graph);

    /// <summary>Links a graph.</summary>
    /// <param name="content">The graph as read.</param>
    /// <param name="outer">Whether the graph around this one, if there is one, has a tensor of a name.</param>
    /// <exception cref="ModelException">A tensor is made twice or by nobody, or a cycle runs through it.</exception>
    public static ModelGraph Link(GraphContent content, Func<string, bool>? outer = null)
    {
        var graph = new ModelGraph(content);
        graph.Name();
        graph.Sort(outer ?? (_ => false));
        return graph;
    }

    /// <summary>The node that makes a tensor; null for inputs and initializers.</summary>
    public GraphNode? Producer(string tensor) => _producers.GetValueOrDefault(tensor);

    /// <summary>The nodes that read a tensor, once for each place where they do.</summary>
    public IReadOnlyList<GraphNode> Consumers(string tensor) =>
        _consumers.TryGetValue(tensor, out var found) ? found : [];

    public GraphTensor? Initializer(string tensor) => _initializers.GetValueOrDefault(tensor);

    public bool IsOutput(string tensor) => Content.Outputs.Any(output => output.Name == tensor);

    /// <summary>Whether the graph itself has a tensor of this name.</summary>
    public bool Has(string tensor) => _given.Contains(tensor) || _producers.ContainsKey(tensor);

    private void Name()
    {
        foreach (var tensor in Content.Initializers)
        {
            if (!_initializers.TryAdd(tensor.Name, tensor))
                throw Twice(tensor.Name, "as a constant");
            _given.Add(tensor.Name);
        }

        foreach (var name in Content.SparseInitializers)
            _given.Add(name);
        var inputs = new HashSet<string>();
        foreach (var input in Content.Inputs)
        {
            if (!inputs.Add(input.Name))
                throw Twice(input.Name, "as an input");
            _given.Add(input.Name);
        }

        foreach (var node in Content.Nodes)
        {
            foreach (var output in node.Outputs.Where(output => output.Length > 0))
            {
                if (_given.Contains(output) || !_producers.TryAdd(output, node))
                    throw Twice(output, $"the second time by {node.Title}");
            }

            foreach (var input in node.Inputs.Where(input => input.Length > 0))
            {
                if (!_consumers.TryGetValue(input, out var readers))
                    _consumers[input] = readers = [];
                readers.Add(node);
            }
        }
    }

    private static ModelException Twice(string tensor, string where) =>
        new($"tensor '{tensor}' is there twice, {where}; names must be different: export the model again");

    /// <summary>Kahn's order, stable: among nodes that could run, the one that the file has first.</summary>
    private void Sort(Func<string, bool> outer)
    {
        var waits = new int[Content.Nodes.Count];
        var ready = new PriorityQueue<GraphNode, int>();
        foreach (var node in Content.Nodes)
        {
            foreach (var input in Reads(node))
            {
                if (_producers.ContainsKey(input))
                    waits[node.Index]++;
                else if (!_given.Contains(input) && !outer(input))
                    throw new ModelException($"{node.Title} reads tensor '{input}', which nothing makes");
            }

            if (waits[node.Index] == 0)
                ready.Enqueue(node, node.Index);
        }

        var readers = Readers();
        var order = new List<GraphNode>(Content.Nodes.Count);
        while (ready.TryDequeue(out var node, out _))
        {
            order.Add(node);
            foreach (var output in node.Outputs)
            {
                foreach (var reader in readers.GetValueOrDefault(output) ?? [])
                {
                    if (--waits[reader.Index] == 0)
                        ready.Enqueue(reader, reader.Index);
                }
            }
        }

        if (order.Count < Content.Nodes.Count)
        {
            var stuck = Content.Nodes.First(node => waits[node.Index] > 0);
            throw new ModelException($"its graph runs in a circle through {stuck.Title}");
        }

        Order = order;
        if (Content.Outputs.FirstOrDefault(output => !Has(output.Name) && !outer(output.Name)) is { } missing)
            throw new ModelException($"its output '{missing.Name}' is made by nothing");
    }

    private Dictionary<string, List<GraphNode>> Readers()
    {
        var readers = new Dictionary<string, List<GraphNode>>();
        foreach (var node in Content.Nodes)
        {
            foreach (var input in Reads(node))
            {
                if (!readers.TryGetValue(input, out var list))
                    readers[input] = list = [];
                list.Add(node);
            }
        }

        return readers;
    }

    /// <summary>What a node reads, by itself or within the graphs in it.</summary>
    internal static IEnumerable<string> Reads(GraphNode node)
    {
        foreach (var input in node.Inputs.Where(input => input.Length > 0))
            yield return input;
        foreach (var inner in node.Attributes.Values.SelectMany(attribute => attribute.Graphs))
        {
            foreach (var name in Free(inner))
                yield return name;
        }
    }

    /// <summary>Names that a nested graph takes from around it.</summary>
    private static HashSet<string> Free(GraphContent graph)
    {
        var own = new HashSet<string>(graph.Inputs.Select(input => input.Name)
            .Concat(graph.Initializers.Select(tensor => tensor.Name)).Concat(graph.SparseInitializers)
            .Concat(graph.Nodes.SelectMany(node => node.Outputs)));
        var free = graph.Nodes.SelectMany(Reads).Concat(graph.Outputs.Select(output => output.Name)).ToHashSet();
        free.ExceptWith(own);
        return free;
    }
}
