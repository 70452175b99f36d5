namespace LeptonEdge.Placement.Solving;

/// <summary>Several tables as one, what they share its own: for fleets small enough to be searched as a
/// whole.</summary>
internal static class TableMerge
{
    public static OptionTable Merge(OptionTable[] tables, double[] sharedCapacity)
    {
        var items = tables.Sum(table => table.Items);
        var options = tables.Sum(table => table.Options);
        var locals = tables.Sum(table => table.Locals);
        var merged = new OptionTable
        {
            Items = items,
            Locals = locals + sharedCapacity.Length,
            ResourceCount = locals + sharedCapacity.Length,
            OptionStart = new int[items + 1],
            Cost = new double[options],
            UseStart = new int[options + 1],
            Uses = new Use[tables.Sum(table => table.Uses.Length)],
            Capacity = [.. tables.SelectMany(table => table.Capacity), .. sharedCapacity],
            Running = new int[items],
            WasRunning = new bool[items],
            Places = new OptionPlace[options],
        };
        var (item, option, use, local) = (0, 0, 0, 0);
        foreach (var table in tables)
        {
            for (var i = 0; i < table.Items; i++)
            {
                merged.OptionStart[item + i + 1] = option + table.OptionStart[i + 1];
                merged.Running[item + i] = table.Running[i] < 0 ? -1 : option + table.Running[i];
                merged.WasRunning[item + i] = table.WasRunning[i];
            }

            for (var o = 0; o < table.Options; o++)
                merged.UseStart[option + o + 1] = use + table.UseStart[o + 1];
            table.Cost.CopyTo(merged.Cost, option);
            table.Places.CopyTo(merged.Places, option);
            for (var u = 0; u < table.Uses.Length; u++)
            {
                var (resource, amount) = (table.Uses[u].Resource, table.Uses[u].Amount);
                merged.Uses[use + u] = new Use(
                    resource < table.Locals ? local + resource : locals + resource - table.Locals, amount);
            }

            (item, option, use, local) =
                (item + table.Items, option + table.Options, use + table.Uses.Length, local + table.Locals);
        }

        return merged;
    }
}
