using LeptonEdge.Core.Pricing;

namespace LeptonEdge.Agent.Configuration;

/// <summary>Reads the sections <c>metering</c> and <c>power</c>.</summary>
internal static class MeteringReader
{
    public static MeteringSettings Read(YamlSection root)
    {
        var settings = new MeteringSettings();
        if (root.Section("metering") is { } metering)
        {
            settings = settings with
            {
                Every = metering.Duration("every", settings.Every, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
            };
            metering.Complete();
        }

        if (root.Section("power") is not { } power)
            return settings;
        settings = settings with
        {
            Power = new PowerModel(
                Watts(power, "idle_watts"), Watts(power, "busy_watts_per_core"), Watts(power, "accelerator_watts")),
            MeasuresEnergy = power.Flag("measure", settings.MeasuresEnergy),
        };
        power.Complete();
        return settings;
    }

    private static double Watts(YamlSection power, string key) => power.Number(key, 0, 0, PowerModel.WattsMax);
}
