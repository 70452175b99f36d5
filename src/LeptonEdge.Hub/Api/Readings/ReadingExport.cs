using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Storage.Hubs;
using Microsoft.AspNetCore.Http;

namespace LeptonEdge.Hub.Api.Readings;

/// <summary>Writes the readings of a range as lines, some at a time: neither hub nor caller need hold them all.</summary>
internal sealed class ReadingExport(
    HubStore store, TenantId tenant, DeviceId device, ChannelName channel, (long From, long To) range, int rowsMax)
{
    public const int RowsMax = 1_000_000;
    private const int AtOnce = 5000;

    public async Task WriteAsync(HttpContext context, bool json)
    {
        var response = context.Response;
        response.ContentType = json ? "application/jsonl" : "text/csv; charset=utf-8";
        var ending = json ? "jsonl" : "csv";
        response.Headers.ContentDisposition = $"attachment; filename=\"{device}-{channel}.{ending}\"";
        var writer = response.BodyWriter;
        if (!json)
            Put(writer, "timeMicros,time,value\n");
        var (at, left) = (range.From, rowsMax);
        var text = new StringBuilder();
        while (left > 0)
        {
            var found = Read(at, Math.Min(AtOnce, left), out var count);
            text.Clear();
            foreach (var reading in found.Readings.Take(count))
                Append(text, reading, json);
            Put(writer, text.ToString());
            await writer.FlushAsync(context.RequestAborted).ConfigureAwait(false);
            left -= count;
            if (!found.Truncated)
                return;
            at = found.Readings[count - 1].TimeMicros + 1;
        }

        // Whoever asked for less than there is reads where to go on.
        Put(writer, json ? $"{{\"next\":{at}}}\n" : $"# next from={at}\n");
    }

    // Readings of one time stay together, so that what follows can begin after it.
    private ReadingRange Read(long at, int most, out int count)
    {
        while (true)
        {
            var found = store.ReadReadings(tenant, device, channel, at, range.To, most);
            count = found.Readings.Count;
            if (!found.Truncated)
                return found;
            var last = found.Readings[^1].TimeMicros;
            while (count > 0 && found.Readings[count - 1].TimeMicros == last)
                count--;
            if (count > 0)
                return found;
            most *= 2;
        }
    }

    private static void Append(StringBuilder text, Reading reading, bool json)
    {
        var value = double.IsFinite(reading.Value)
            ? reading.Value.ToString("R", CultureInfo.InvariantCulture)
            : json ? "null" : "";
        var time = DateTime.UnixEpoch.AddMicroseconds(reading.TimeMicros)
            .ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
        if (json)
            text.Append(CultureInfo.InvariantCulture,
                $"{{\"timeMicros\":{reading.TimeMicros},\"time\":\"{time}\",\"value\":{value}}}\n");
        else
            text.Append(CultureInfo.InvariantCulture, $"{reading.TimeMicros},{time},{value}\n");
    }

    private static void Put(PipeWriter writer, string text) => Encoding.UTF8.GetBytes(text, writer);
}
