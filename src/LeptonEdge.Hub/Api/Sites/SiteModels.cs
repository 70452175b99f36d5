using System.Text.Json.Serialization;

namespace LeptonEdge.Hub.Api;

/// <summary>A place on the earth, WGS 84.</summary>
/// <param name="Latitude">Degrees north, -90 to 90.</param>
/// <param name="Longitude">Degrees east, -180 to 180.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record GeoPoint(double Latitude, double Longitude);

/// <summary>A site, with sums over its devices.</summary>
/// <param name="Site">Its name, as its devices report it.</param>
/// <param name="Title">What people call it; empty where nobody said.</param>
/// <param name="Location">Where it is; null where nobody said.</param>
/// <param name="Devices">How many devices it has.</param>
/// <param name="Online">How many of them reported lately.</param>
/// <param name="Channels">How many channels they report.</param>
/// <param name="Workloads">How many workloads they report.</param>
/// <param name="ReadingsPerSecond">Readings that come each second.</param>
/// <param name="FloorPlan">It has a floor plan.</param>
/// <param name="Version">Rises with every change of title or location; its ETag.</param>
public sealed record SiteView(
    string Site, string Title, GeoPoint? Location, int Devices, int Online, int ActiveAlarms, int Channels, int Workloads,
    double ReadingsPerSecond, long BacklogRecords, bool FloorPlan, long Version);

/// <summary>What is to change of a site; what is left out stays.</summary>
/// <param name="Title">What people call it, at most 100 characters.</param>
/// <param name="Location">Where it is.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record SitePatch(string? Title = null, GeoPoint? Location = null);

/// <summary>What people said of a site, as it is stored.</summary>
public sealed record SiteNote(string Title, GeoPoint? Location);
