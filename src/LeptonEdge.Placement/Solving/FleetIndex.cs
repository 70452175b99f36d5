namespace LeptonEdge.Placement.Solving;

/// <summary>A fleet's names as numbers: boards, models and the nodes and resources that all sites share.</summary>
internal sealed class FleetIndex
{
    private readonly Dictionary<string, int> _boards = [];
    private readonly Dictionary<string, ModelStages> _models = [];

    public FleetIndex(FleetState fleet)
    {
        Fleet = fleet;
        foreach (var model in fleet.Models)
        {
            foreach (var recipe in model.Recipes)
            {
                foreach (var stage in recipe.Near.Concat(recipe.Far))
                    _boards.TryAdd(stage.Board, _boards.Count);
            }
        }

        foreach (var model in fleet.Models)
            _models[model.Name] = new ModelStages(model, this);
        Hub = [.. fleet.HubWorkers.Concat(fleet.Pools).Select(node => new Node(node, this))];
        SharedCapacity = new double[Hub.Length * Resources.PerNode];
        for (var node = 0; node < Hub.Length; node++)
            Resources.Fill(SharedCapacity, node, Hub[node].State);
    }

    public FleetState Fleet { get; }

    /// <summary>Workers of the hub, then pools.</summary>
    public Node[] Hub { get; }

    /// <summary>Capacity of each shared resource: <see cref="Resources.PerNode"/> for each of <see
    /// cref="Hub"/>.</summary>
    public double[] SharedCapacity { get; }

    public ModelStages Model(string name) => _models[name];

    /// <summary>Number of a board; -1 when no model knows it.</summary>
    public int Board(string name) => _boards.GetValueOrDefault(name, -1);

    public int Boards => _boards.Count;

    /// <summary>Whether what two fleets share is the same, so that options of one hold in the other.</summary>
    public bool SharesAllWith(FleetState other) =>
        ReferenceEquals(Fleet, other)
        || (ReferenceEquals(Fleet.Models, other.Models) && Fleet.Prices == other.Prices
            && Same(Fleet.HubWorkers, other.HubWorkers) && Same(Fleet.Pools, other.Pools));

    private static bool Same(IReadOnlyList<NodeState> one, IReadOnlyList<NodeState> other) =>
        ReferenceEquals(one, other) || one.SequenceEqual(other);
}

/// <summary>A node with its board as a number.</summary>
internal readonly record struct Node(NodeState State, int Board)
{
    public Node(NodeState state, FleetIndex index)
        : this(state, index.Board(state.Board))
    {
    }

    public bool Takes => !State.Down && !State.Drained && Board >= 0;
}

/// <summary>A model's parts by board.</summary>
internal sealed class ModelStages
{
    public ModelStages(ModelProfile model, FleetIndex index)
    {
        Recipes = model.Recipes;
        Near = [.. model.Recipes.Select(recipe => ByBoard(recipe.Near, index))];
        Far = [.. model.Recipes.Select(recipe => ByBoard(recipe.Far, index))];
    }

    public IReadOnlyList<Recipe> Recipes { get; }

    /// <summary>By recipe and board; null where the board cannot run it.</summary>
    public StageProfile?[][] Near { get; }

    /// <summary>By recipe and board; null where the board cannot run it.</summary>
    public StageProfile?[][] Far { get; }

    private static StageProfile?[] ByBoard(IReadOnlyList<StageProfile> stages, FleetIndex index)
    {
        var byBoard = new StageProfile?[index.Boards];
        foreach (var stage in stages)
            byBoard[index.Board(stage.Board)] = stage;
        return byBoard;
    }
}

/// <summary>How resources are numbered: five of each node, then (in a site) the uplink.</summary>
internal static class Resources
{
    public const int Cores = 0;
    public const int Memory = 1;
    public const int Accelerators = 2;
    public const int Watts = 3;
    public const int Link = 4;
    public const int PerNode = 5;

    public static void Fill(double[] capacity, int node, NodeState state)
    {
        var at = node * PerNode;
        capacity[at + Cores] = state.Capacity.Cores;
        capacity[at + Memory] = state.Capacity.MemoryBytes;
        capacity[at + Accelerators] = state.Capacity.Accelerators;
        capacity[at + Watts] = state.Capacity.Watts;
        capacity[at + Link] = state.Link.BytesPerSecond;
    }

    public static string Name(int kind) => kind switch
    {
        Cores => "cores",
        Memory => "memory",
        Accelerators => "accelerators",
        Watts => "energy budget",
        _ => "link",
    };
}
