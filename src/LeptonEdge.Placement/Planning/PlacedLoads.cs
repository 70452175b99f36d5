using LeptonEdge.Placement.Solving;

namespace LeptonEdge.Placement.Planning;

/// <summary>What the plan has given each node, and what each device carries for others now.</summary>
internal static class PlacedLoads
{
    public static void Count(IReadOnlyDictionary<string, DeviceTrack> devices, HubTrack hub, ProfileBook profiles)
    {
        foreach (var device in devices.Values)
        {
            (device.PlacedCores, device.GuestCores) = (0, 0);
            (device.PlacedBytes, device.HubBytes) = (0, 0);
        }

        hub.StartCounting();
        foreach (var track in devices.Values.SelectMany(device => device.Workloads))
        {
            if (track.Device.Down && !track.Report.OutlivesDevice)
                continue;
            var (model, place, rate) = (track.Report.Model, track.Placed, track.Report.WindowsPerSecond);
            if (hub.Find(place.Node) is not null)
                track.Device.HubBytes += HubBytes(track, profiles);
            if (BoardOf(place.Near) is { } board)
                Give(place.Near, rate, profiles.FindNear(model, place.Recipe, board));
            if (place.Far is { } far && BoardOf(far) is { } farBoard
                && profiles.FindParts(model, place.Recipe) is { } recipe)
            {
                var share = track.Built?.FarShareOf(recipe) ?? recipe.FarShare;
                Give(far, rate * share, profiles.FindFar(model, place.Recipe, farBoard));
            }

            if (track.Report is { RunsOn: { } runs, Recipe: PlanNames.Whole } && runs != track.Device.Name
                && devices.TryGetValue(runs, out var host))
                host.GuestCores += rate * (profiles.Find(model, host.Report!.Board)?.CoreSeconds ?? 0);
        }

        static double HubBytes(WorkloadTrack track, ProfileBook profiles)
        {
            var (report, recipe) = (track.Report, profiles.FindParts(track.Report.Model, track.Placed.Recipe));
            return track.Placed.Far is null || recipe is null
                ? report.WindowsPerSecond * report.WindowBytes
                : report.WindowsPerSecond * (track.Built?.FarShareOf(recipe) ?? recipe.FarShare)
                    * (recipe.CutBytes ?? report.WindowBytes);
        }

        string? BoardOf(string node) =>
            devices.TryGetValue(node, out var device) ? device.Report!.Board : hub.Find(node)?.Board;

        void Give(string node, double rate, StageProfile? stage)
        {
            if (devices.TryGetValue(node, out var carrier))
            {
                carrier.PlacedCores += rate * (stage?.CoreSeconds ?? 0);
                carrier.PlacedBytes += stage?.MemoryBytes ?? 0;
            }
            else if (hub.Find(node) is { } ours)
                hub.Count(ours, rate, stage);
        }
    }
}
