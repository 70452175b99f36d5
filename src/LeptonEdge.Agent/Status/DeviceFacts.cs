using System.Security.Cryptography.X509Certificates;
using LeptonEdge.Agent.Configuration;
using LeptonEdge.Core;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Storage.Outboxes;

namespace LeptonEdge.Agent.Status;

/// <summary>What changes slowly or never: heat, disk, certificate, inventory. Looked at every few seconds, and not at
/// all while the agent starts: a first verdict waits for nothing here.</summary>
public sealed class DeviceFacts
{
    // Before the first time that memory is given back (StatusService): what looking needs for a moment goes with it.
    private static readonly TimeSpan FirstLook = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);

    private readonly AgentConfiguration _configuration;
    private readonly Outbox _outbox;
    private readonly TimeProvider _clock;
    private readonly Thermometer _thermometer;
    private readonly InventoryFacts _inventoryFacts;
    private readonly ReportedCertificate? _certificate;
    private ReportedInventory? _inventory;
    private (long Bytes, long Free)? _disk;
    private long? _lookAt;

    public DeviceFacts(
        AgentConfiguration configuration, AgentIdentity identity, Outbox outbox, TimeProvider clock,
        Thermometer? thermometer = null, InventoryFacts? inventory = null)
    {
        (_configuration, _outbox, _clock) = (configuration, outbox, clock);
        (_thermometer, _inventoryFacts) = (thermometer ?? new Thermometer(), inventory ?? new InventoryFacts());
        _certificate = identity.Certificate is { } certificate ? Describe(certificate) : null;
    }

    /// <summary>At the last look, °C; NaN while unknown.</summary>
    public double TemperatureCelsius { get; private set; } = double.NaN;

    /// <summary>Adds what is known. Not for two threads at once.</summary>
    public void AddTo(ReportedState report)
    {
        Look();
        if (double.IsFinite(TemperatureCelsius))
            report.TemperatureCelsius = TemperatureCelsius;
        if (_disk is var (bytes, free))
        {
            report.Storage = new ReportedStorage
            {
                Bytes = (ulong)bytes, FreeBytes = (ulong)free, OutboxBytes = (ulong)_outbox.Backlog.Bytes,
                OutboxLimitBytes = (ulong)_configuration.Outbox.BytesMax,
            };
        }

        report.Certificate = _certificate;
        report.Inventory = _inventory;
    }

    public static ReportedCertificate Describe(X509Certificate2 certificate) => new()
    {
        Serial = certificate.SerialNumber.ToLowerInvariant(),
        IssuedMicros = Micros(certificate.NotBefore),
        ExpiresMicros = Micros(certificate.NotAfter),
    };

    private void Look()
    {
        var now = _clock.GetTimestamp();
        // Reports begin when the sensors deliver.
        _lookAt ??= now + Ticks(FirstLook);
        if (now < _lookAt)
            return;
        _lookAt = now + Ticks(LookEvery);
        TemperatureCelsius = _thermometer.ReadCelsius() ?? double.NaN;
        _disk = ReadDisk();
        _inventory ??= _inventoryFacts.Read();
    }

    private (long, long)? ReadDisk()
    {
        try
        {
            var drive = new DriveInfo(_configuration.DataDirectory);
            return (drive.TotalSize, drive.AvailableFreeSpace);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // A disk that is away just now has no figures.
            return null;
        }
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * _clock.TimestampFrequency);

    private static long Micros(DateTime time) => new DateTimeOffset(time.ToUniversalTime()).ToUnixMicros();
}
