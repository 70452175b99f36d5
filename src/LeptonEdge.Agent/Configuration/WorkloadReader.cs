using LeptonEdge.Core.Alarms;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Plans;

namespace LeptonEdge.Agent.Configuration;

/// <summary>Reads the <c>workloads</c> list: each entry in full, or on top of a file of its own.</summary>
internal static class WorkloadReader
{
    private const int WorkloadsMax = 64;
    private const int ChannelsMax = 256;

    private static readonly Dictionary<string, Privacy> Reaches = new()
    {
        ["false"] = Privacy.Device,
        ["site"] = Privacy.Site,
        ["true"] = Privacy.Anywhere,
        ["no"] = Privacy.Device,
        ["yes"] = Privacy.Anywhere,
    };

    private static readonly Dictionary<string, AlarmSeverity> Severities = new()
    {
        ["info"] = AlarmSeverity.Info,
        ["warning"] = AlarmSeverity.Warning,
        ["critical"] = AlarmSeverity.Critical,
    };

    public static List<WorkloadConfiguration> Read(YamlSection root)
    {
        var sections = root.Sections("workloads");
        if (sections.Count > WorkloadsMax)
            root.Fault("workloads", $"lists {sections.Count} workloads, at most {WorkloadsMax}");
        var workloads = new List<WorkloadConfiguration>();
        foreach (var section in sections.Take(WorkloadsMax))
        {
            if (Based(section) is not { } based)
                continue;
            if (ReadOne(based) is { } workload)
                workloads.Add(workload);
            based.Complete();
        }

        ReportTwins(root, workloads.Select(w => w.Id.Value), "workload id");
        ReportTwins(root, workloads.SelectMany(w => w.Alarms).Select(a => a.Rule.Name), "alarm name");
        return workloads;
    }

    private static YamlSection? Based(YamlSection section)
    {
        if (section.FilePath("file", section.Text("file")) is not { } file)
            return section;
        if (!File.Exists(file))
        {
            section.Fault("file", $"'{file}' does not exist: give the path of a workload file, from {section.Folder}");
            return null;
        }

        if (YamlFile.Read(file, section.Faults) is not { } mapping)
            return null;
        var based = section.Over(file, mapping);
        based.Text("file");
        return based;
    }

    private static WorkloadConfiguration? ReadOne(YamlSection section)
    {
        var id = section.Made(
            "id", section.Required("id", "name the workload, such as bearing"), text => new WorkloadId(text));
        var channels = section.Texts("channels");
        if (section.Text("channel") is { } single)
            channels.Insert(0, single);
        if (channels.Count is 0 or > ChannelsMax)
            section.Fault(
                "channel", $"names {channels.Count} channels: give 1 to {ChannelsMax} under channel or channels");
        var privacy = section.Choice("may_leave_device", Privacy.Device, Reaches);
        var mayLeave = privacy == Privacy.Anywhere;
        var model = ReadModel(section, "model", required: true);
        var hubModel = ReadModel(section, "hub_model", required: mayLeave);
        var offload = OffloadReader.ReadMode(section, mayLeave);
        var workload = new WorkloadConfiguration
        {
            Id = id ?? default,
            Channels = channels,
            Model = model ?? default,
            HubModel = mayLeave ? hubModel : null,
            Offload = offload,
            Choices = OffloadReader.ReadChoices(section, offload, mayLeave),
            Hop = section.Has("hop") ? section.Integer("hop", 1, 1, 1_048_576) : null,
            Deadline = section.Duration(
                "deadline", TimeSpan.FromMilliseconds(25), TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1)),
            Privacy = privacy,
            Priority = section.Integer("priority", 5, 0, 9),
            Features = ReadFeatures(section),
            Alarms = ReadAlarms(section),
        };
        workload = workload with { Cascade = OffloadReader.ReadCascade(section, workload.OffersCascade) };
        return id is null || model is null ? null : workload;
    }

    private static ModelReference? ReadModel(YamlSection section, string key, bool required)
    {
        var text = required
            ? section.Required(key, "name a model and its version, such as bearing-fault/1")
            : section.Text(key);
        if (text is null)
            return null;
        return section.Made(key, text, ModelReference.Parse);
    }

    private static List<WindowFeature> ReadFeatures(YamlSection section)
    {
        var features = new List<WindowFeature>();
        foreach (var text in section.Texts("features"))
        {
            if (!WindowFeatures.ByName.TryGetValue(text, out var feature))
                section.Fault("features", YamlSectionValues.NotOneOf(text, WindowFeatures.ByName.Keys));
            else if (!features.Contains(feature))
                features.Add(feature);
        }

        return features;
    }

    private static List<AlarmConfiguration> ReadAlarms(YamlSection section)
    {
        var alarms = new List<AlarmConfiguration>();
        var watched = new Dictionary<string, WindowFeature?>(
            WindowFeatures.ByName.Select(pair =>
                KeyValuePair.Create(pair.Key, (WindowFeature?)pair.Value))) { ["score"] = null };
        foreach (var alarm in section.Sections("alarms"))
        {
            var feature = alarm.Choice("on", null, watched);
            var faultsBefore = alarm.Faults.Count;
            var raiseAt = alarm.Required("raise_at", "give the value that raises the alarm") is null
                ? 0 : alarm.Number("raise_at", 0, -1e30, 1e30);
            var rule = new AlarmRule
            {
                Name = alarm.Required("name", "give each alarm a name of its own") ?? "?",
                Severity = alarm.Choice("severity", AlarmSeverity.Warning, Severities),
                RaiseAt = raiseAt,
                ClearBelow = alarm.Number("clear_below", raiseAt, -1e30, 1e30),
                RaiseAfter = alarm.Integer("raise_after", 1, 1, 10_000),
                ClearAfter = alarm.Integer("clear_after", 1, 1, 10_000),
            };
            // A rule whose figures could not be read has defaults in it: judging those would only confuse.
            foreach (var fault in alarm.Faults.Count == faultsBefore ? rule.Faults() : [])
            {
                var colon = fault.IndexOf(": ", StringComparison.Ordinal);
                alarm.Fault(fault[..colon], fault[(colon + 2)..]);
            }

            alarms.Add(new AlarmConfiguration(rule, feature, ReadLamp(alarm)));
            alarm.Complete();
        }

        return alarms;
    }

    private static LampConfiguration? ReadLamp(YamlSection alarm)
    {
        if (alarm.Section("lamp") is not { } lamp)
            return null;
        lamp.Required("line", "give the GPIO line that the lamp is wired to");
        var configuration = new LampConfiguration(lamp.Integer("line", 0, 0, 1_023), lamp.Flag("active_low", false));
        lamp.Complete();
        return configuration;
    }

    private static void ReportTwins(YamlSection root, IEnumerable<string> names, string what)
    {
        foreach (var twin in names.GroupBy(name => name).Where(group => group.Count() > 1))
            root.Fault(
                "workloads", $"{what} '{twin.Key}' is used {twin.Count()} times: names must be unique on the device");
    }
}
