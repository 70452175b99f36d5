using LeptonEdge.Agent.Configuration;
using LeptonEdge.Agent.Status;
using LeptonEdge.Core.Records;
using LeptonEdge.Sync.Uplink;
using Microsoft.Extensions.Logging;

namespace LeptonEdge.Agent.Metering;

/// <summary>Puts what was metered among the records, now and then and at the end. A kill costs the metering of the last
/// interval, never more, and nothing is ever said twice: each record is a difference, and a record is stored
/// once.</summary>
public sealed class MeteringService
{
    private readonly UsageMeter _meter;
    private readonly RecordWriter _writer;
    private readonly MeteringSettings _settings;
    private readonly MachineEnergy? _energy;
    private readonly SystemFigures _system = new();
    private readonly Lock _gate = new();
    private double _joules;
    private bool _runs;

    public MeteringService(
        AgentConfiguration configuration, UsageMeter meter, RecordWriter writer, TimeProvider clock,
        ILogger<MeteringService> logger)
    {
        (_meter, _writer, _settings) = (meter, writer, configuration.Metering);
        if (!_settings.MeasuresEnergy)
            return;
        _energy = MachineEnergy.Find(clock, out var obstacle);
        if (_energy is not null)
            MeteringLog.Measures(logger, _energy.Source);
        else if (obstacle is not null)
            MeteringLog.Estimates(logger, obstacle);
    }

    /// <summary>Metering begins; what was counted before was a rehearsal.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            _energy?.Take();
            _joules = 0;
            _system.ReadCpuLoad();
            _meter.Begin();
            _runs = true;
        }
    }

    /// <summary>To be called every second or so.</summary>
    public void Tick()
    {
        lock (_gate)
        {
            _joules += _energy?.Take() ?? 0;
            if (_runs && _meter.Age >= _settings.Every)
                Write();
        }
    }

    /// <summary>Puts what is left among the records; the writer is still to be flushed.</summary>
    public void End()
    {
        lock (_gate)
        {
            _joules += _energy?.Take() ?? 0;
            Write();
            _runs = false;
        }
    }

    private void Write()
    {
        foreach (var usage in _meter.Take(_energy is null ? null : _joules, _system.ReadCpuLoad()))
            _writer.AddUsage(usage);
        _joules = 0;
    }
}

internal static partial class MeteringLog
{
    [LoggerMessage(1, LogLevel.Information, "Energy is measured: {Source}")]
    public static partial void Measures(ILogger logger, string source);

    [LoggerMessage(2, LogLevel.Information, "Energy is estimated from stated watts: {Obstacle}")]
    public static partial void Estimates(ILogger logger, string obstacle);
}
