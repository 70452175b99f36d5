namespace LeptonEdge.Placement.Solving;

/// <summary>How much an option takes of one resource.</summary>
internal struct Use(int resource, double amount)
{
    public int Resource = resource;
    public double Amount = amount;
}

/// <summary>What an option stands for: a recipe and the nodes of its parts, by number; -1 for none.</summary>
internal readonly record struct OptionPlace(short Recipe, int Near, int Far);

/// <summary>Workloads, their options, and what each option costs and uses, in flat arrays: a generalised assignment
/// problem with several capacities. Immutable.</summary>
/// <remarks>Resources are numbered with the table's own first and then those that all tables share. Each item's last
/// option is to be placed nowhere; it uses nothing.</remarks>
internal sealed class OptionTable
{
    public required int Items { get; init; }

    /// <summary>Resources that belong to this table alone.</summary>
    public required int Locals { get; init; }

    /// <summary>Resources in all: own, then shared.</summary>
    public required int ResourceCount { get; init; }

    /// <summary>First option of each item; one longer than the items.</summary>
    public required int[] OptionStart { get; init; }

    /// <summary>Money per hour.</summary>
    public required double[] Cost { get; init; }

    /// <summary>First use of each option; one longer than the options.</summary>
    public required int[] UseStart { get; init; }

    /// <summary>Ascending by resource within an option, amounts above 0.</summary>
    public required Use[] Uses { get; init; }

    /// <summary>Capacity of the own resources.</summary>
    public required double[] Capacity { get; init; }

    /// <summary>The option in force of each item; -1 for none.</summary>
    public required int[] Running { get; init; }

    /// <summary>Whether each item runs somewhere by the plan in force, so that any other option is a move.</summary>
    public required bool[] WasRunning { get; init; }

    /// <summary>What each option stands for.</summary>
    public required OptionPlace[] Places { get; init; }

    public int Options => Cost.Length;

    public int Unplaced(int item) => OptionStart[item + 1] - 1;

    /// <summary>Whether it has no option but to be placed nowhere.</summary>
    public bool Stranded(int item) => OptionStart[item + 1] - OptionStart[item] == 1;
}
