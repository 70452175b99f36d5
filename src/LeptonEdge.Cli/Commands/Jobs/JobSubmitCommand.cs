using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary><c>lepton job submit …</c></summary>
internal static class JobSubmitCommand
{
    // A model that the hub has not in memory is loaded first.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static Command Create() => new("submit", "Submit a job; prints its number.") { Rescore(), Model() };

    private static Command Rescore()
    {
        var common = new Common();
        var device = DeviceCommand.Device();
        var channel = new Argument<string>("channel") { Description = "Its channel." };
        var model = ModelArgument();
        var from = new Option<string?>("--from")
            { Description = $"Device time from which on: {TimeText.Form}; all, unless given." };
        var to = new Option<string?>("--to") { Description = "Device time until which." };
        var hop = new Option<uint>("--hop")
            { Description = "Samples from one window to the next; the window's length, unless given." };
        var source = new Option<string>("--source")
            { Description = "readings, raw_windows or any.", DefaultValueFactory = _ => "any" };
        source.AcceptOnlyFromAmong("any", "readings", "raw_windows");
        var command = new Command("rescore", "Score a channel's stored history with a model.")
            { device, channel, model, from, to, hop, source };
        return common.Complete(command, (parsed, _, _) => Task.FromResult<object>(new
        {
            rescore = new
            {
                device = parsed.GetValue(device), channel = parsed.GetValue(channel), model = parsed.GetValue(model),
                fromMicros = Micros("--from", parsed.GetValue(from)), toMicros = Micros("--to", parsed.GetValue(to)),
                hop = parsed.GetValue(hop), source = parsed.GetValue(source),
            },
            deadlineSeconds = common.DeadlineSeconds(parsed), priority = common.Priority(parsed),
            idempotencyKey = common.Key(parsed),
        }));
    }

    private static Command Model()
    {
        var common = new Common();
        var model = ModelArgument();
        var rows = new Option<string[]>("--rows")
        {
            Description = "NAME=FILE.npy for each of the model's inputs: its rows on the first axis, sent as FP32.",
            AllowMultipleArgumentsPerToken = true,
        };
        var input = new Option<long?>("--input") { Description = "Number of an input that the hub has, for --rows." };
        var command = new Command("model", "Give rows to a model.") { model, rows, input };
        return common.Complete(command, async (parsed, client, cancellation) =>
        {
            var files = parsed.GetValue(rows) ?? [];
            if (files.Length > 0 == parsed.GetValue(input) is not null)
                throw HubException.Usage("give either --rows NAME=FILE.npy or --input NUMBER");
            // Rows are a change too: a dry run reads them, and sends none.
            var number = parsed.GetValue(input) ?? (common.IsDryRun(parsed)
                ? JobRows.Check(files) : await JobRows.SendAsync(client, files, cancellation));
            return new
            {
                model = new { model = parsed.GetValue(model), input = number },
                deadlineSeconds = common.DeadlineSeconds(parsed), priority = common.Priority(parsed),
                idempotencyKey = common.Key(parsed),
            };
        });
    }

    private static Argument<string> ModelArgument() =>
        new("model") { Description = "NAME or NAME/VERSION of a model that the hub serves." };

    private static long Micros(string option, string? text) =>
        text is null ? 0 : long.Parse(Filter.Micros(option, text), CultureInfo.InvariantCulture);

    /// <summary>What every job takes.</summary>
    private sealed class Common
    {
        private readonly Option<string?> _deadline = new("--deadline")
            { Description = "The job is ended when it is not done after so long: 90s, 15m, 2h, 7d." };

        private readonly Option<uint> _priority = new("--priority")
            { Description = "Among jobs: 1, the most urgent, to 10.", DefaultValueFactory = _ => 5 };

        private readonly Option<string?> _key = new("--key")
            { Description = "Submitting again with the same key and work gives the job that is there." };

        private readonly Option<bool> _dry = ChangeVerb.DryRunOption();

        private readonly Option<bool> _watch = new("--watch")
            { Description = "Follow the job to its end. " + JobWatch.Statuses };

        /// <param name="body">What is posted, once the command line is read.</param>
        public Command Complete(
            Command command, Func<ParseResult, HubClient, CancellationToken, Task<object>> body)
        {
            HubVerb.Add(command, [_deadline, _priority, _key, _watch, _dry]);
            return HubVerb.On(command, async call =>
            {
                var change = new Change(
                    HttpMethod.Post, "api/v1/jobs", await body(call.Parsed, call.Client, call.Cancellation));
                if (call.Parsed.GetValue(_dry))
                    return ChangeVerb.DryRun(call, change);
                var job = await ChangeVerb.SendAsync(call.Client, change, call.Cancellation);
                var id = job.GetProperty("id").GetInt64();
                if (call.Parsed.GetValue(_watch))
                    return await JobWatch.RunAsync(call.Client, id, call.Form, call.Cancellation);
                if (call.Form != OutputForm.Table)
                    return JobSheet.Write(call.Form, job);
                Console.WriteLine(id.ToString(CultureInfo.InvariantCulture));
                return ExitCodes.Ok;
            }, Patience);
        }

        public bool IsDryRun(ParseResult parsed) => parsed.GetValue(_dry);

        public uint Priority(ParseResult parsed) => parsed.GetValue(_priority);

        public string? Key(ParseResult parsed) => parsed.GetValue(_key);

        public double DeadlineSeconds(ParseResult parsed) => parsed.GetValue(_deadline) is { } text
            ? TimeText.Length("--deadline", text).TotalSeconds
            : 0;
    }
}
