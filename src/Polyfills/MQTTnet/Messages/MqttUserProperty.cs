namespace MQTTnet.Packets;

/// <summary>A name and a value that MQTT 5 carries beside the payload.</summary>
public sealed class MqttUserProperty
{
    public MqttUserProperty(string name, string value)
    {
        Name = name ?? throw new ArgumentNullException(nameof(name));
        Value = value ?? throw new ArgumentNullException(nameof(value));
    }

    public string Name { get; }

    public string Value { get; }

    public override bool Equals(object? obj) =>
        obj is MqttUserProperty other && Name == other.Name && Value == other.Value;

    public override int GetHashCode() => HashCode.Combine(Name, Value);

    public override string ToString() => $"{Name} = {Value}";
}
