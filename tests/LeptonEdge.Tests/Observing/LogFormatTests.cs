using System.Diagnostics;
using System.Text.Json;
using LeptonEdge.Telemetry.Logging;
using LeptonEdge.Tests.Support;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace LeptonEdge.Tests.Observing;

public sealed class LogFormatTests
{
    private static readonly KeyValuePair<string, string>[] Fixed = [new("device", "press-7")];

    [Fact]
    public void What_somebody_else_sent_cannot_begin_a_line_of_its_own()
    {
        var line = Write(
            new JournalFormatter(Fixed), LogLevel.Warning, "a name\n<0>forged\r\nentry", new IOException("broken\nhere"));
        Assert.StartsWith("<4>Room[7] a name <0>forged entry System.IO.IOException: broken here", line);
        Assert.EndsWith(" device=press-7\n", line);
        Assert.Equal(1, line.Count(letter => letter == '\n'));
        Assert.DoesNotContain('\r', line);

        var json = Write(new JsonFormatter(Fixed, false, new ManualTimeProvider()), LogLevel.Error, "a \"name\"\nx", null);
        Assert.Equal(1, json.Count(letter => letter == '\n'));
        Assert.Equal("a \"name\"\nx", JsonDocument.Parse(json).RootElement.GetProperty("message").GetString());
    }

    [Theory]
    [InlineData(LogLevel.Critical, "<2>")]
    [InlineData(LogLevel.Error, "<3>")]
    [InlineData(LogLevel.Warning, "<4>")]
    [InlineData(LogLevel.Information, "<6>")]
    [InlineData(LogLevel.Debug, "<7>")]
    [InlineData(LogLevel.Trace, "<7>")]
    public void Levels_are_priorities_of_syslog(LogLevel level, string priority) =>
        Assert.StartsWith(priority + "Room", Write(new JournalFormatter(Fixed), level, "x", null));

    [Fact]
    public void A_line_within_a_sampled_trace_names_it_and_scopes_add_their_fields()
    {
        using var source = new ActivitySource("log-format-tests");
        using var listener = new ActivityListener
        {
            ShouldListenTo = known => known == source,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        using var span = source.StartActivity("window")!;
        var scopes = new LoggerExternalScopeProvider();
        using var scope = scopes.Push(new Dictionary<string, object?> { ["workload"] = "bearing", ["Count"] = 3 });

        var json = JsonDocument.Parse(
            Write(new JsonFormatter(Fixed, false, new ManualTimeProvider()), LogLevel.Information, "x", null, scopes));
        Assert.Equal(span.TraceId.ToString(), json.RootElement.GetProperty("trace_id").GetString());
        Assert.Equal(span.SpanId.ToString(), json.RootElement.GetProperty("span_id").GetString());
        Assert.Equal("bearing", json.RootElement.GetProperty("workload").GetString());
        Assert.Equal("press-7", json.RootElement.GetProperty("device").GetString());
        Assert.Equal(3, json.RootElement.GetProperty("fields").GetProperty("count").GetInt32());
        Assert.EndsWith(
            $" device=press-7 workload=bearing trace_id={span.TraceId} span_id={span.SpanId}\n",
            Write(new JournalFormatter(Fixed), LogLevel.Information, "x", null, scopes));
    }

    private static string Write(
        ConsoleFormatter formatter, LogLevel level, string message, Exception? fault,
        IExternalScopeProvider? scopes = null)
    {
        var entry = new LogEntry<string>(level, "Room", new EventId(7), message, fault, static (state, _) => state);
        using var writer = new StringWriter();
        formatter.Write(entry, scopes, writer);
        return writer.ToString();
    }
}
