namespace LeptonEdge.SystemTests.Faults;

/// <summary>A copy of what an agent and a hub kept at some moment.</summary>
/// <param name="Ledgers">How many lives the agent had had.</param>
internal sealed record FleetState(string Folder, int Ledgers)
{
    public string AgentFolder => Path.Combine(Folder, "agent");

    public string HubFolder => Path.Combine(Folder, "hub");

    /// <summary>Makes one folder equal to another.</summary>
    public static void Copy(string from, string to)
    {
        if (Directory.Exists(to))
            Directory.Delete(to, recursive: true);
        Directory.CreateDirectory(to);
        foreach (var folder in Directory.GetDirectories(from, "*", SearchOption.AllDirectories))
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, folder)));
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
    }
}
