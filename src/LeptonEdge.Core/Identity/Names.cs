namespace LeptonEdge.Core.Identity;

/// <summary>A tenant: one customer's fleet. 1 to 63 of a-z, 0-9 and '-', starting with a letter or digit.</summary>
public readonly record struct TenantId : IComparable<TenantId>
{
    /// <exception cref="FormatException">The text is not a valid tenant name.</exception>
    public TenantId(string value) => Value = NameRules.Check(value, "tenant", 63, NameRules.IsLabelCharacter);

    public string Value { get; }

    public int CompareTo(TenantId other) => string.CompareOrdinal(Value, other.Value);

    public override string ToString() => Value;
}

/// <summary>A device within its tenant. 1 to 63 of a-z, 0-9 and '-', starting with a letter or digit.</summary>
public readonly record struct DeviceId : IComparable<DeviceId>
{
    /// <exception cref="FormatException">The text is not a valid device name.</exception>
    public DeviceId(string value) => Value = NameRules.Check(value, "device", 63, NameRules.IsLabelCharacter);

    public string Value { get; }

    public int CompareTo(DeviceId other) => string.CompareOrdinal(Value, other.Value);

    public override string ToString() => Value;
}

/// <summary>A stream of readings of one quantity on one device, such as <c>cpu0.load</c> or <c>drive-end.rms</c>.
/// 1 to 128 of a-z, 0-9, '.', '_' and '-', starting with a letter or digit.</summary>
public readonly record struct ChannelName : IComparable<ChannelName>
{
    /// <exception cref="FormatException">The text is not a valid channel name.</exception>
    public ChannelName(string value) => Value = NameRules.Check(value, "channel", 128, NameRules.IsPathCharacter);

    public string Value { get; }

    public int CompareTo(ChannelName other) => string.CompareOrdinal(Value, other.Value);

    public override string ToString() => Value;
}

/// <summary>A workload (pipeline, model and deadline). Same rules as a device name.</summary>
public readonly record struct WorkloadId : IComparable<WorkloadId>
{
    /// <exception cref="FormatException">The text is not a valid workload name.</exception>
    public WorkloadId(string value) => Value = NameRules.Check(value, "workload", 63, NameRules.IsLabelCharacter);

    public string Value { get; }

    public int CompareTo(WorkloadId other) => string.CompareOrdinal(Value, other.Value);

    public override string ToString() => Value;
}

/// <summary>One version of one model, written <c>name/version</c>.</summary>
public readonly record struct ModelReference
{
    /// <exception cref="FormatException">The name or the version is not valid.</exception>
    public ModelReference(string name, string version)
    {
        Name = NameRules.Check(name, "model", 63, NameRules.IsLabelCharacter);
        Version = NameRules.Check(version, "model version", 63, NameRules.IsPathCharacter);
    }

    public string Name { get; }

    public string Version { get; }

    /// <summary>Reads <c>name/version</c>.</summary>
    /// <exception cref="FormatException">The text is not a model and its version.</exception>
    public static ModelReference Parse(string text) => text.Split('/') is [var name, var version]
        ? new ModelReference(name, version)
        : throw new FormatException($"'{text}' is not a model and its version, such as bearing-fault/1");

    public override string ToString() => $"{Name}/{Version}";
}

/// <summary>What a batch is called everywhere: unique for ever, because an epoch is drawn anew for every outbox
/// file.</summary>
/// <param name="Epoch">Drawn when the outbox file was created.</param>
/// <param name="Sequence">1, 2, 3 … within the epoch, without gaps.</param>
public readonly record struct BatchName(DeviceId Device, ulong Epoch, ulong Sequence)
{
    public override string ToString() => $"{Device}/{Epoch:x16}/{Sequence}";
}
