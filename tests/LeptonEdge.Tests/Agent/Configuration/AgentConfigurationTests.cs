using System.Collections;
using LeptonEdge.Agent.Configuration;
using LeptonEdge.Agent.Sensing;
using LeptonEdge.Core.Alarms;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Plans;
using LeptonEdge.Core.Pricing;
using LeptonEdge.Storage.Outboxes;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Agent.Configuration;

public sealed class AgentConfigurationTests : IDisposable
{
    private const string Sound = """
        tenant: acme
        site: plant-1
        device: edge-press
        identity: { hub_key: hub.pub }
        data_dir: data
        models_dir: .
        outbox: { bytes_max: 64MiB, batch_records: 100, batch_age: 250ms, reserves: { alarm: 0.2 } }
        sensors:
          - driver: simulated-bearing
            channel: drive-end
        channels:
          - match: drive-*
            upload: features
            around_alarm: { before: 2, after: 3 }
          - match: "cpu*"
            upload: down-sampled
            interval: 10s
        workloads:
          - id: bearing
            channel: drive-end
            model: bearing-fault/1
            deadline: 25ms
            features: [rms, kurtosis]
            alarms:
              - name: bearing-fault
                on: score
                severity: critical
                raise_at: 0.8
                clear_below: 0.5
                raise_after: 3
                clear_after: 5
        """;

    private readonly TempFolder _folder = new();
    private readonly Hashtable _environment = [];

    public AgentConfigurationTests() => File.WriteAllText(_folder.File("hub.pub"), "");

    [Fact]
    public void A_sound_file_becomes_a_model_of_the_agent()
    {
        var configuration = Load(Sound);

        Assert.Equal("edge-press", configuration.Device.Value);
        Assert.Null(configuration.Hub);
        Assert.Equal(64L * 1024 * 1024, configuration.Outbox.BytesMax);
        Assert.Equal(TimeSpan.FromMilliseconds(250), configuration.Outbox.BatchAge);
        Assert.Equal(new OutboxReserves { Alarm = 0.2 }, configuration.Outbox.Reserves);
        Assert.Equal(_folder.File("data"), configuration.DataDirectory);
        Assert.IsType<SimulatedBearingDriverOptions>(Assert.Single(configuration.Sensors).Options);
        var workload = Assert.Single(configuration.Workloads);
        Assert.Equal(new ModelReference("bearing-fault", "1"), workload.Model);
        Assert.Equal([WindowFeature.Rms, WindowFeature.Kurtosis], workload.Features);
        var alarm = Assert.Single(workload.Alarms);
        Assert.Null(alarm.Feature);
        Assert.Equal(AlarmSeverity.Critical, alarm.Rule.Severity);
        Assert.Equal(3, alarm.Rule.RaiseAfter);
        Assert.Equal(UploadKind.Features, configuration.Uploads.For(new ChannelName("drive-end")).Kind);
        Assert.Equal(TimeSpan.FromSeconds(10), configuration.Uploads.For(new ChannelName("cpu0.load")).Interval);
        Assert.Equal(UploadKind.Everything, configuration.Uploads.For(new ChannelName("memory.used")).Kind);
    }

    [Fact]
    public void Every_fault_is_reported_at_once_with_file_line_and_key()
    {
        var faults = Faults(Sound
            .Replace("tenant: acme", "tenant: Acme Inc")
            .Replace("batch_records: 100", "batch_records: 0")
            .Replace("upload: features", "upload: featurs")
            .Replace("deadline: 25ms", "deadline: 25")
            .Replace("raise_at: 0.8", "raise_at: high"));

        Assert.Equal(5, faults.Count);
        Assert.Contains(faults, f => f is { Key: "tenant", Line: 1 });
        Assert.Contains(faults, f => f.Key == "outbox.batch_records" && f.Problem.Contains("1 to 65536"));
        Assert.Contains(faults, f => f.Key == "channels[0].upload" && f.Problem.Contains("did you mean 'features'"));
        Assert.Contains(faults, f => f.Key == "workloads[0].deadline" && f.Problem.Contains("25ms"));
        Assert.Contains(faults, f => f.Key == "workloads[0].alarms[0].raise_at");
        Assert.All(faults, f => Assert.Equal(_folder.File("agent.yaml"), f.File));
    }

    [Theory]
    [InlineData("site: plant-1", "sites: plant-1", "sites", "site")]
    [InlineData("batch_age:", "batchage:", "outbox.batchage", "batch_age")]
    [InlineData("raise_after", "raise_afterr", "workloads[0].alarms[0].raise_afterr", "raise_after")]
    [InlineData("    channel: drive-end\ncha", "    chanel: drive-end\ncha", "sensors[0].chanel", "channel")]
    public void An_unknown_key_is_a_fault_that_says_what_was_meant(
        string sound, string misspelt, string key, string meant)
    {
        var fault = Assert.Single(Faults(Sound.Replace(sound, misspelt)));

        Assert.Equal(key, fault.Key);
        Assert.Contains($"did you mean '{meant}'?", fault.Problem);
    }

    [Fact]
    public void What_the_machine_draws_and_how_often_it_meters_are_read_or_refused()
    {
        var standard = Load(Sound).Metering;
        Assert.Equal((TimeSpan.FromMinutes(1), default(PowerModel), true),
            (standard.Every, standard.Power, standard.MeasuresEnergy));
        var stated = Load(Sound + "\nmetering: { every: 5s }\n"
            + "power: { idle_watts: 4.5, busy_watts_per_core: 1.5, accelerator_watts: 10, measure: false }\n").Metering;
        Assert.Equal((TimeSpan.FromSeconds(5), new PowerModel(4.5, 1.5, 10), false),
            (stated.Every, stated.Power, stated.MeasuresEnergy));

        var faults = Faults(Sound + "\nmetering: { every: 2h }\n"
            + "power: { idle_watts: -1, busy_watts_per_core: nan, accelerator_watt: 1 }\n");
        Assert.Equal(
            ["metering.every", "power.accelerator_watt", "power.busy_watts_per_core", "power.idle_watts"],
            faults.Select(fault => fault.Key).Order());
    }

    [Fact]
    public void Reserves_that_take_up_the_whole_outbox_are_a_fault()
    {
        var fault = Assert.Throws<ConfigurationException>(() => Load(Sound.Replace("alarm: 0.2", "alarm: 0.8, bulk: 0.3")));
        Assert.Contains("outbox.reserves", fault.Message);
        Assert.Contains("add up to 1.25", fault.Message);
    }

    [Fact]
    public void The_environment_overrides_the_file()
    {
        _environment["LEPTON_DEVICE"] = "edge-pump";
        _environment["LEPTON_OUTBOX__BATCH_AGE"] = "2s";
        _environment["LEPTON_SENSORS__0__CHANNEL"] = "fan-end";
        _environment["LEPTON_ONNXRUNTIME"] = "/usr/lib/libonnxruntime.so";

        var configuration = Load(Sound);

        Assert.Equal("edge-pump", configuration.Device.Value);
        Assert.Equal(TimeSpan.FromSeconds(2), configuration.Outbox.BatchAge);
        Assert.Equal("fan-end", ((SimulatedBearingDriverOptions)configuration.Sensors[0].Options).Channel.Value);
    }

    [Fact]
    public void A_fault_in_the_environment_names_the_variable()
    {
        _environment["LEPTON_OUTBOX__BATCH_AGE"] = "soon";
        _environment["LEPTON_DEVCE"] = "edge-pump";

        var faults = Faults(Sound);

        Assert.Equal(2, faults.Count);
        Assert.Contains(faults, f => f.File == "environment LEPTON_OUTBOX__BATCH_AGE" && f.Key == "outbox.batch_age");
        Assert.Contains(faults, f => f.File == "environment LEPTON_DEVCE" && f.Problem.Contains("LEPTON_DEVICE"));
    }

    [Fact]
    public void A_workload_file_is_read_and_the_entry_goes_over_it()
    {
        File.WriteAllText(_folder.File("bearing.yaml"),
            "id: bearing\nmodel: bearing-fault/1\ndeadline: 25ms\nchannel: drive-end\n");

        var workload = Assert.Single(Load(Offset("  - file: bearing.yaml\n    deadline: 40ms\n")).Workloads);

        Assert.Equal(TimeSpan.FromMilliseconds(40), workload.Deadline);
        Assert.Equal("bearing", workload.Id.Value);
    }

    [Fact]
    public void A_fault_in_a_workload_file_names_that_file()
    {
        File.WriteAllText(_folder.File("bearing.yaml"),
            "id: bearing\nmodel: bearing-fault\ndeadlin: 25ms\nchannel: drive-end\n");

        var faults = Faults(Offset("  - file: bearing.yaml\n"));

        Assert.Equal(2, faults.Count);
        Assert.All(faults, f => Assert.Equal(_folder.File("bearing.yaml"), f.File));
        Assert.Contains(faults, f => f is { Key: "model", Line: 2 });
        Assert.Contains(faults, f => f is { Key: "deadlin", Line: 3 });
    }

    [Fact]
    public void With_a_hub_the_certificate_is_asked_for()
    {
        var faults = Faults(Sound + "\nhub: { mqtt: hub.example, grpc: http://hub.example:8443 }\n");

        Assert.Equal(
            ["hub.mqtt", "hub.grpc", "identity.certificate", "identity.key", "identity.ca"], faults.Select(f => f.Key));
    }

    [Fact]
    public void A_workload_that_may_leave_must_say_what_the_hub_runs()
    {
        var fault = Assert.Single(Faults(Sound.Replace("deadline: 25ms", "may_leave_device: true")));

        Assert.Equal("workloads[0].hub_model", fault.Key);
    }

    [Theory]
    [InlineData("peers: { listen: '10.0.0.7:8445' }", "https://10.0.0.7:8445/")]
    [InlineData("peers: { listen: '0.0.0.0:8445', address: 'https://press-7.plant:8445' }", "https://press-7.plant:8445/")]
    public void Peers_reach_the_device_at_one_address(string peers, string address) =>
        Assert.Equal(address, Load($"{Joined()}\n{peers}").Peers!.Address.ToString());

    [Theory]
    [InlineData("{ listen: '0.0.0.0:8445' }", "peers.address")]
    [InlineData("{ listen: 'press-7:8445' }", "peers.listen")]
    [InlineData("{ listen: '10.0.0.7' }", "peers.listen")]
    [InlineData("{ listen: '10.0.0.7:8445', address: 'http://press-7' }", "peers.address")]
    [InlineData("{ listen: '10.0.0.7:8445', port: 5 }", "peers.port")]
    [InlineData("{}", "peers.listen")]
    public void What_peers_cannot_use_is_named(string peers, string key) =>
        Assert.Equal(key, Assert.Single(Faults($"{Joined()}\npeers: {peers}")).Key);

    [Fact]
    public void Peers_need_a_hub() =>
        Assert.Equal("peers", Assert.Single(Faults($"{Sound}\npeers: {{ listen: '10.0.0.7:8445' }}")).Key);

    [Fact]
    public void A_cascade_says_when_its_small_model_is_unsure()
    {
        var workload = Assert.Single(Load(Offloaded("offload: cascade, cascade: { unsure_below: 0.8 }")).Workloads);
        Assert.Equal(
            (OffloadMode.Cascade, new CascadeRule { UnsureBelow = 0.8 }), (workload.Offload, workload.Cascade));

        workload = Assert.Single(Load(Offloaded("offload: cascade, cascade: { unsure_between: [0.3, 0.7] }")).Workloads);
        Assert.Equal(new CascadeRule { ScoreFrom = 0.3, ScoreTo = 0.7 }, workload.Cascade);

        workload = Assert.Single(Load(Offloaded("offload: hub")).Workloads);
        Assert.Equal((OffloadMode.Hub, CascadeRule.Default), (workload.Offload, workload.Cascade));
        Assert.Equal(OffloadMode.Plan, Assert.Single(Load(Sound).Workloads).Offload);
    }

    [Theory]
    [InlineData("offload: cloud", "offload", "none of plan, local, hub, cascade, split, quickest")]
    [InlineData("offload: hub, cascade: { unsure_below: 0.8 }", "cascade", "of no use")]
    [InlineData("choices: [hub, cloud]", "choices", "none of local, hub, cascade, split")]
    [InlineData("choices: []", "choices", "names none")]
    [InlineData("offload: hub, choices: [hub]", "choices", "of no use without offload: plan")]
    [InlineData("choices: [hub, split], cascade: { unsure_below: 0.8 }", "cascade", "among the choices")]
    [InlineData("choices: [cascade], cascade: { unsure_below: 90 }", "cascade.unsure_below", "from 0 to 1")]
    [InlineData("offload: cascade, cascade: { unsure_below: 90 }", "cascade.unsure_below", "from 0 to 1")]
    [InlineData("offload: cascade, cascade: { unsure_between: [0.7, 0.3] }", "cascade.unsure_between", "lower first")]
    [InlineData("offload: cascade, cascade: { unsure_between: 0.5 }", "cascade.unsure_between", "two scores")]
    [InlineData("offload: cascade, cascade: { unsure: 0.5 }", "cascade", "says nothing")]
    public void A_fault_in_the_offload_keys_is_named_with_its_remedy(string keys, string key, string problem) =>
        Assert.Contains(
            Faults(Offloaded(keys)),
            fault => fault.Key == $"workloads[0].{key}" && fault.Problem.Contains(problem, StringComparison.Ordinal));

    [Fact]
    public void A_plan_chooses_among_the_ways_that_are_named()
    {
        var workload = Assert.Single(
            Load(Offloaded("choices: [hub, cascade, split], cascade: { unsure_below: 0.8 }")).Workloads);
        Assert.Equal(
            (OffloadMode.Plan, OffloadChoices.Hub | OffloadChoices.Cascade | OffloadChoices.Split),
            (workload.Offload, workload.Choices));
        Assert.Equal((true, true), (workload.OffersCascade, workload.OffersSplit));
        Assert.Equal(new CascadeRule { UnsureBelow = 0.8 }, workload.Cascade);

        workload = Assert.Single(Load(Offloaded("offload: plan")).Workloads);
        Assert.Equal(OffloadChoices.Local | OffloadChoices.Hub, workload.Choices);
        Assert.Equal((false, false), (workload.OffersCascade, workload.OffersSplit));
        Assert.Equal(OffloadChoices.Local, Assert.Single(Load(Sound).Workloads).Choices);
    }

    [Fact]
    public void A_workload_that_must_stay_offers_no_choice_that_leaves()
    {
        var fault = Assert.Single(Faults(Sound.Replace("deadline: 25ms", "choices: [local, cascade]")));

        Assert.Equal("workloads[0].choices", fault.Key);
        Assert.Contains("'cascade' sends windows to the hub", fault.Problem);
    }

    [Fact]
    public void A_workload_that_must_stay_cannot_be_offloaded()
    {
        var fault = Assert.Single(Faults(Sound.Replace("deadline: 25ms", "offload: hub")));

        Assert.Equal("workloads[0].offload", fault.Key);
        Assert.Contains("may_leave_device: true", fault.Problem);
    }

    [Fact]
    public void Several_hubs_may_infer()
    {
        const string Hub = "\nhub: { mqtt: 'hub.example:8883', grpc: [https://a.example, https://b.example] }\n";
        var sound = Joined("");

        Assert.Equal(["a.example", "b.example"], Load(sound + Hub).Hub!.Grpc.Select(address => address.Host));

        var fault = Assert.Single(Faults(sound + Hub.Replace("b.example", "a.example")));
        Assert.Equal("hub.grpc", fault.Key);
        Assert.Contains("listed twice", fault.Problem);
    }

    [Fact]
    public void Alarm_names_must_be_unique_on_the_device()
    {
        var second = "  - { id: other, channel: drive-end, model: bearing-fault/1, "
            + "alarms: [{ name: bearing-fault, raise_at: 1 }] }\n";

        Assert.Contains("bearing-fault", Assert.Single(Faults(Sound + "\n" + second)).Problem);
    }

    [Theory]
    [InlineData("tenant: [", "not valid YAML")]
    [InlineData("- a\n- b\n", "must be a mapping")]
    [InlineData("a: &x 1\nb: *x\n", "anchors")]
    [InlineData("", "0 YAML documents")]
    public void A_file_that_is_no_mapping_is_one_clear_fault(string text, string expected) =>
        Assert.Contains(expected, Assert.Single(Faults(text)).ToString());

    [Fact]
    public void A_hostile_nesting_is_a_fault_and_not_the_end_of_the_process() =>
        Assert.Contains("nested deeper", Assert.Single(Faults("a: " + new string('[', 100_000))).Problem);

    [Fact]
    public void A_missing_file_says_so() =>
        Assert.Contains("does not exist", Assert.Single(Assert.Throws<ConfigurationException>(
            () => AgentConfigurationLoader.Load(_folder.File("nowhere.yaml"), _environment)).Faults).Problem);

    public void Dispose() => _folder.Dispose();

    private static string Offset(string workloads) =>
        Sound[..Sound.IndexOf("workloads:", StringComparison.Ordinal)] + "workloads:\n" + workloads;

    // In the place of the file's own workload.
    private static string Offloaded(string keys) =>
        Sound[..Sound.IndexOf("  - id: bearing", StringComparison.Ordinal)]
        + "  - { id: bearing, channel: drive-end, model: bearing-fault/1, may_leave_device: true, "
        + $"hub_model: bearing-fault/1, {keys} }}\n";

    /// <summary>A device that has the files of its fleet.</summary>
    private string Joined(string hub = "hub: { mqtt: 'hub.example:8883' }")
    {
        foreach (var file in (string[])["device.crt", "device.key", "ca.crt"])
            File.WriteAllText(_folder.File(file), "");
        return Sound.Replace(
            "hub_key: hub.pub", "hub_key: hub.pub, certificate: device.crt, key: device.key, ca: ca.crt") + $"\n{hub}";
    }

    private AgentConfiguration Load(string yaml)
    {
        File.WriteAllText(_folder.File("agent.yaml"), yaml);
        return AgentConfigurationLoader.Load(_folder.File("agent.yaml"), _environment);
    }

    private IReadOnlyList<ConfigurationFault> Faults(string yaml) =>
        Assert.Throws<ConfigurationException>(() => Load(yaml)).Faults;
}
