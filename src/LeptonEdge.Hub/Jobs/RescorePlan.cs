using LeptonEdge.Core.Identity;
using LeptonEdge.Inference.Bundles;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Serving;
using LeptonEdge.Storage.Hubs;

namespace LeptonEdge.Hub.Jobs;

/// <summary>Settles what a rescore reads, and refuses what the model could make nothing of.</summary>
internal static class RescorePlan
{
    // Enough to know a rate by.
    private const int SampleOfHistory = 4096;

    // A sensor's clock is off by less; a rate that was meant to be another is off by more.
    private const double RateTolerance = 0.02;

    /// <summary>Fills the content in.</summary>
    /// <returns>About how many readings there are to do.</returns>
    /// <exception cref="ServingException">INVALID_ARGUMENT, naming the field.</exception>
    public static long Settle(
        HubStore store, TenantId tenant, RescoreJob job, ModelManifest? manifest, JobContent content)
    {
        var model = $"{content.ModelName}/{content.ModelVersion}";
        if (manifest is null)
            throw Refuse("model", $"{model} has no manifest, which says how windows are cut; rescore takes bundles");
        if (manifest.Stage is not null)
            throw Refuse("model", $"{model} is a part of a split model; name the whole one");
        if (manifest.Channels.Count > 1)
            throw Refuse(
                "model", $"{model} takes {manifest.Channels.Count} channels together; rescore reads one channel");
        content.FromMicros = job.FromMicros == 0 ? long.MinValue : job.FromMicros;
        content.ToMicros = job.ToMicros == 0 ? long.MaxValue : job.ToMicros;
        if (content.FromMicros >= content.ToMicros)
            throw Refuse("to_micros", $"{job.ToMicros} must be after from_micros ({job.FromMicros})");
        if (job.Hop > manifest.WindowSamples)
            throw Refuse("hop", $"{job.Hop}; {model}'s window has {manifest.WindowSamples} samples: use 1 to that");
        content.Hop = job.Hop == 0 ? (uint)manifest.WindowSamples : job.Hop;
        content.Threshold = manifest.Score.Threshold;
        content.ThroughBatch = store.NewestBatch();
        var range = RangeOf(job, content, tenant);
        return ChooseSource(store, range, job, manifest, model, content);
    }

    /// <summary>What the job of this content reads.</summary>
    public static HistoryRange RangeOf(JobContent content, TenantId tenant) =>
        RangeOf(content.Request.Rescore, content, tenant);

    private static long ChooseSource(
        HubStore store, HistoryRange range, RescoreJob job, ModelManifest manifest, string model, JobContent content)
    {
        var readings = store.CountReadings(range);
        if (job.Source == HistorySource.Readings
            || (job.Source == HistorySource.Any && readings >= manifest.WindowSamples))
        {
            content.Source = HistorySource.Readings;
            Enough(readings, "readings", range, manifest, model);
            FitRate(MeasuredRate(store, range), "stored at", range, manifest, model);
            return readings;
        }

        content.Source = HistorySource.RawWindows;
        if (store.RawRate(range) is not { } rate)
            throw Refuse("channel", job.Source == HistorySource.Any
                ? $"the store has {readings} readings and no raw window of '{range.Channel}' of {range.Device} in this "
                    + $"range; {model}'s window takes {manifest.WindowSamples}: widen from_micros and to_micros, or "
                    + $"name another channel (GET /api/v1/devices/{range.Device}/channels lists them)"
                : $"the store has no raw window of '{range.Channel}' of {range.Device} in this range");
        FitRate(rate, "kept in raw windows of", range, manifest, model);
        var samples = store.CountRawSamples(range, rate);
        Enough(samples, "samples in raw windows", range, manifest, model);
        return samples;
    }

    private static void Enough(
        long count, string what, HistoryRange range, ModelManifest manifest, string model)
    {
        if (count < manifest.WindowSamples)
            throw Refuse(
                "channel", $"the store has {count} {what} of '{range.Channel}' of {range.Device} in this range; "
                + $"{model}'s window takes {manifest.WindowSamples}");
    }

    private static void FitRate(
        double? rate, string what, HistoryRange range, ModelManifest manifest, string model)
    {
        if (rate is not { } known || Math.Abs(known / manifest.SampleRateHz - 1) > RateTolerance)
            throw Refuse("channel", FormattableString.Invariant(
                $"'{range.Channel}' is {what} {rate ?? 0:0.###} samples/s, {model} takes {manifest.SampleRateHz:0.###}")
                + ": send the channel up whole (upload: everything), or name a model of its rate");
    }

    /// <summary>Of the oldest readings, gaps left out; null when there are too few to tell.</summary>
    private static double? MeasuredRate(HubStore store, HistoryRange range)
    {
        var buffer = new HistoryBuffer(SampleOfHistory);
        store.ReadReadings(range, range.FromMicros, periodMicros: 0, buffer);
        var times = buffer.Times.ToArray();
        if (times.Length < 2)
            return null;
        var steps = times.Skip(1).Zip(times, (after, before) => after - before).Order().ToArray();
        // Most steps are one period; those over gaps are much longer.
        var ordinary = steps.TakeWhile(step => step <= 3 * Math.Max(steps[steps.Length / 2], 1)).ToArray();
        return 1e6 * ordinary.Length / Math.Max(ordinary.Sum(), 1);
    }

    private static HistoryRange RangeOf(RescoreJob job, JobContent content, TenantId tenant) => new(
        tenant, Name("device", () => new DeviceId(job.Device)), Name("channel", () => new ChannelName(job.Channel)),
        content.FromMicros, content.ToMicros, content.ThroughBatch);

    private static T Name<T>(string field, Func<T> make)
    {
        try
        {
            return make();
        }
        catch (FormatException fault)
        {
            throw Refuse(field, fault.Message);
        }
    }

    private static ServingException Refuse(string field, string detail) =>
        ServingException.Invalid($"rescore.{field}: {detail}");
}
