using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using LeptonEdge.Core.Identity;
using LeptonEdge.Hub.Audit;
using LeptonEdge.Hub.Configuration;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Storage.Hubs.Documents;

namespace LeptonEdge.Hub.Api.Devices;

/// <summary>What people wrote about a device.</summary>
public sealed record DeviceNote(IReadOnlyList<string> Tags, string Note, FloorPosition? Position)
{
    public static readonly DeviceNote None = new([], "", null);

    [JsonIgnore]
    public long Version { get; init; }
}

/// <summary>Tags, notes and places of all devices, from the store. Any thread.</summary>
public sealed class DeviceNotes
{
    private const string Kind = "device";
    private readonly HubStore _store;
    private readonly TenantId _tenant;
    private readonly ConcurrentDictionary<string, DeviceNote> _notes = [];

    public DeviceNotes(HubStore store, HubOptions options)
    {
        (_store, _tenant) = (store, options.Tenant);
        foreach (var document in store.Documents(_tenant, Kind))
            _notes[document.Name] = Read(document);
    }

    public DeviceNote Of(DeviceId device) => _notes.GetValueOrDefault(device.Value, DeviceNote.None);

    /// <param name="expected">Only if it has this version; null for any.</param>
    /// <param name="audit">Is told how it was and how it is then.</param>
    /// <returns>It as it is then; null when it had another version.</returns>
    public DeviceNote? Change(
        DeviceId device, long? expected, AuditNote audit, Func<DeviceNote, DeviceNote> change)
    {
        // Another change in between is told by the version: then this one is made anew of what is there.
        while (true)
        {
            var before = Of(device);
            if (expected is { } version && version != before.Version)
                return null;
            (audit.Target, audit.Before, audit.After) = (device.Value, before, change(before));
            var content = JsonSerializer.SerializeToUtf8Bytes((DeviceNote)audit.After, OperationsJson.Default.DeviceNote);
            if (_store.PutDocument(_tenant, Kind, device.Value, content, before.Version) is { } after)
                return _notes[device.Value] = Read(after);
            if (_store.Document(_tenant, Kind, device.Value) is { } other)
                _notes[device.Value] = Read(other);
        }
    }

    private static DeviceNote Read(Document document) =>
        JsonSerializer.Deserialize(document.Content, OperationsJson.Default.DeviceNote)! with
        {
            Version = document.Version,
        };
}
