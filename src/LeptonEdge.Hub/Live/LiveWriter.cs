using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using LeptonEdge.Hub.Accounts;
using LeptonEdge.Hub.Api;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace LeptonEdge.Hub.Live;

/// <summary>Writes one stream, at its own pace: what comes within a pause goes into one event.</summary>
internal sealed class LiveWriter(
    LiveReader reader, LiveHub hub, LiveStates states, LiveRows rows, Caller caller, TimeProvider clock)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(10);
    private static readonly (LiveTopic Topic, byte[] Head)[] Topics =
    [
        (LiveTopic.Hub, Head("hub")), (LiveTopic.Devices, Head("devices")), (LiveTopic.Alarms, Head("alarms")),
        (LiveTopic.Plan, Head("plan")), (LiveTopic.Jobs, Head("jobs")),
    ];

    private const int EventsBytesMax = 256 * 1024;
    private static readonly byte[] ValuesHead = Head("values");
    private static readonly byte[] ReadingsHead = Head("readings");
    private static readonly byte[] ShedHead = Head("shed");
    private static readonly byte[] RowsHead = Head("rows");

    private readonly ArrayBufferWriter<byte> _event = new(1024);
    private readonly ArrayBufferWriter<byte> _values = new(1024);
    private long _number;

    public async Task RunAsync(HttpContext context, CancellationToken aborted)
    {
        var response = context.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await response.Body.WriteAsync("retry: 2000\n\n"u8.ToArray(), aborted).ConfigureAwait(false);
        var waiting = reader.WaitAsync(aborted).AsTask();
        while (true)
        {
            try
            {
                await waiting.WaitAsync(Beat, clock, aborted).ConfigureAwait(false);
                waiting = reader.WaitAsync(aborted).AsTask();
            }
            catch (TimeoutException)
            {
                await response.Body.WriteAsync(": beat\n\n"u8.ToArray(), aborted).ConfigureAwait(false);
                await response.Body.FlushAsync(aborted).ConfigureAwait(false);
                continue;
            }

            Gather();
            if (_event.WrittenCount > 0)
            {
                await response.Body.WriteAsync(_event.WrittenMemory, aborted).ConfigureAwait(false);
                await response.Body.FlushAsync(aborted).ConfigureAwait(false);
            }

            await Task.Delay(Pause, clock, aborted).ConfigureAwait(false);
        }
    }

    private static byte[] Head(string name) => Encoding.ASCII.GetBytes($"event: {name}\ndata: ");

    private void Gather()
    {
        _event.ResetWrittenCount();
        _values.ResetWrittenCount();
        if (reader.TryWriteValues(_values))
            Append(ValuesHead, _values.WrittenSpan);
        GatherPoints();
        _values.ResetWrittenCount();
        if (rows.TryWrite(_values, reader.TakeRows(), caller))
            Append(RowsHead, _values.WrittenSpan);
        var noted = reader.TakeNoted();
        foreach (var (topic, head) in Topics)
        {
            if ((noted & topic) != 0)
                Append(head, states.Json(topic, caller));
        }
    }

    private void GatherPoints()
    {
        if (reader.TakeShed() is > 0 and var shed)
        {
            hub.CountShed(shed);
            Append(ShedHead, JsonSerializer.SerializeToUtf8Bytes(new LiveShed(shed), OperationsJson.Default.LiveShed));
        }

        while (_event.WrittenCount < EventsBytesMax && reader.TryTakePoints(out var json))
            Append(ReadingsHead, json);
    }

    private void Append(ReadOnlySpan<byte> head, ReadOnlySpan<byte> json)
    {
        Span<byte> number = stackalloc byte[32];
        (++_number).TryFormat(number, out var length, provider: CultureInfo.InvariantCulture);
        _event.Write("id: "u8);
        _event.Write(number[..length]);
        _event.Write("\n"u8);
        _event.Write(head);
        _event.Write(json);
        _event.Write("\n\n"u8);
    }
}
