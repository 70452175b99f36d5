using System.Globalization;
using LeptonEdge.Core.Identity;

namespace LeptonEdge.Hub.Jobs;

/// <summary>What the hub tells the process that runs jobs on its command line.</summary>
/// <param name="Store">The store's file.</param>
/// <param name="Models">The folder of models; empty: none.</param>
/// <param name="BytesMax">Memory, bytes.</param>
/// <param name="Calls">Descriptor of the <see cref="CallBoard"/>, which the process takes over.</param>
/// <param name="Quiet">See <see cref="JobsOptions.Quiet"/>.</param>
/// <param name="ShareMin">See <see cref="JobsOptions.ShareMin"/>.</param>
internal sealed record WorkerOrder(
    string Store, string Models, TenantId Tenant, long BytesMax, int Calls, TimeSpan Quiet, double ShareMin)
{
    public const string Argument = "--job-worker";

    public string[] ToArguments() =>
    [
        Argument, Store, Models, Tenant.Value, Text(BytesMax), Text(Calls), Text(Quiet.TotalSeconds), Text(ShareMin),
    ];

    /// <returns>Null: the command line is another one.</returns>
    public static WorkerOrder? Parse(string[] arguments) =>
        arguments is [Argument, var store, var models, var tenant, var bytes, var calls, var quiet, var share]
            ? new WorkerOrder(
                store, models, new TenantId(tenant), long.Parse(bytes, CultureInfo.InvariantCulture),
                int.Parse(calls, CultureInfo.InvariantCulture), TimeSpan.FromSeconds(Number(quiet)), Number(share))
            : null;

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
