using System.Buffers;
using System.Text;
using System.Text.Json;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Hub.Live;

namespace LeptonEdge.Tests.Hub.Api;

/// <summary>What waits for a stream is bounded, and is told in turn.</summary>
public sealed class LiveQueueTests
{
    private static readonly DeviceId Device = new("press");
    private static readonly ChannelName Channel = new("oil");

    [Fact]
    public void A_slow_stream_sheds_its_oldest_readings_and_says_how_many()
    {
        var live = new LiveHub();
        var reader = live.Join(new LiveWish([], [(Device, Channel)], null, LiveTopic.None))!;
        var batch = new RecordBatch(RecordClass.Telemetry);
        for (var time = 0; time < 7500; time++)
            batch.AddReading(Channel, time, time == 7499 ? double.NaN : time / 2.0);
        live.Take(Device, batch);

        var times = new List<long>();
        var last = default(JsonElement);
        while (reader.TryTakePoints(out var json))
        {
            var points = JsonDocument.Parse(json).RootElement.GetProperty("points");
            times.AddRange(points.EnumerateArray().Select(point => point[0].GetInt64()));
            last = points[points.GetArrayLength() - 1];
        }

        Assert.InRange(times.Count, 4000, 5000);
        Assert.Equal(Enumerable.Range(7500 - times.Count, times.Count).Select(time => (long)time), times);
        Assert.Equal(7500 - times.Count, reader.TakeShed());
        Assert.Equal(0, reader.TakeShed());
        Assert.Equal(JsonValueKind.Null, last[1].ValueKind);
        live.Leave(reader);
        live.Take(Device, batch);
        Assert.False(reader.TryTakePoints(out _));
    }

    [Fact]
    public void Rows_are_told_in_turn_however_many_change_and_urgent_ones_first()
    {
        var marks = new RowMarks();
        DeviceId[] all = [.. Enumerable.Range(0, 6).Select(number => new DeviceId($"d{number}"))];
        var told = new List<DeviceId>();
        for (var round = 0; round < 3; round++)
        {
            foreach (var device in all)
                marks.Mark(device, urgent: false);
            told.AddRange(marks.Take(2));
        }

        Assert.Equal(all, told);
        marks.Mark(all[5], urgent: true);
        Assert.Equal([all[5], all[0]], marks.Take(2));
        Assert.Equal(3, marks.Take(100).Count);
        Assert.False(marks.Any);
        Assert.Empty(marks.Take(1));
    }

    [Fact]
    public void A_stream_takes_the_newest_value_alone()
    {
        var live = new LiveHub();
        var reader = live.Join(new LiveWish([(Device, Channel)], [], null, LiveTopic.None))!;
        foreach (var (time, value) in ((long, double)[])[(10, 1), (30, 3), (20, 2)])
        {
            var batch = new RecordBatch(RecordClass.Telemetry);
            batch.AddReading(Channel, time, value);
            live.Take(Device, batch);
        }

        var text = new ArrayBufferWriter<byte>();
        Assert.True(reader.TryWriteValues(text));
        var values = JsonDocument.Parse(Encoding.UTF8.GetString(text.WrittenSpan)).RootElement;
        Assert.Equal((1, 3.0), (values.GetArrayLength(), values[0].GetProperty("value").GetDouble()));
    }
}
