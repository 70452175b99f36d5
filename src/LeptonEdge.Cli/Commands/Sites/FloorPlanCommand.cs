using System.CommandLine;
using System.Net.Http.Headers;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary><c>lepton site plan …</c>: the picture that devices are placed on.</summary>
internal static class FloorPlanCommand
{
    private const int BytesMax = 4 * 1024 * 1024;

    public static Command Create()
    {
        var command = new Command(
            "plan", "The floor plan of a site; 'lepton device place' says where on it devices are.");
        command.Subcommands.Add(Set());
        command.Subcommands.Add(Get());
        command.Subcommands.Add(Delete());
        return command;
    }

    private static string PathOf(string? site) => $"api/v1/sites/{HubVerb.Escape(site)}/floor-plan";

    private static Command Set()
    {
        var site = SiteCommand.Site();
        var file = new Argument<string>("file") { Description = "A PNG, JPEG or WebP of at most 4 MiB." };
        return ChangeVerb.Create("set", "Set a site's floor plan.", [site, file], async call =>
        {
            var (bytes, type) = await ReadAsync(call.Parsed.GetValue(file)!, call.Cancellation);
            var name = call.Parsed.GetValue(site);
            var said = new { file = call.Parsed.GetValue(file), type, bytes = bytes.Length };
            return new Change(
                HttpMethod.Put, PathOf(name), said, $"{name} has a floor plan of {TimeWords.Bytes(bytes.Length)}")
            {
                Content = () => new ByteArrayContent(bytes)
                    { Headers = { ContentType = new MediaTypeHeaderValue(type) } },
            };
        });
    }

    private static Command Get()
    {
        var site = SiteCommand.Site();
        var to = new Option<string>("--to")
            { Description = "File to write; '-' for the standard output.", Required = true };
        return HubVerb.Create("get", "Write a site's floor plan to a file.", [site, to], async call =>
        {
            var bytes = await call.Client.ReadBytesAsync(PathOf(call.Parsed.GetValue(site)), call.Cancellation);
            var file = call.Parsed.GetValue(to)!;
            await using var output = file == "-" ? Console.OpenStandardOutput() : Open(file);
            await output.WriteAsync(bytes, call.Cancellation);
            return ExitCodes.Ok;
        });
    }

    private static Command Delete()
    {
        var site = SiteCommand.Site();
        return ChangeVerb.Create("delete", "Delete a site's floor plan.", [site], call => Task.FromResult(new Change(
            HttpMethod.Delete, PathOf(call.Parsed.GetValue(site)), Done: "the floor plan is deleted")));
    }

    private static async Task<(byte[] Bytes, string Type)> ReadAsync(string file, CancellationToken cancellation)
    {
        try
        {
            if (new FileInfo(file) is { Exists: true, Length: > BytesMax } large)
                throw HubException.Usage($"file: {file} has {TimeWords.Bytes(large.Length)}; at most 4 MiB");
            var bytes = await File.ReadAllBytesAsync(file, cancellation);
            return (bytes, TypeOf(bytes) ?? throw HubException.Usage($"file: {file} is no PNG, JPEG or WebP"));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw HubException.Usage($"file: {fault.Message}");
        }
    }

    private static FileStream Open(string file)
    {
        try
        {
            return new FileStream(file, FileMode.Create, FileAccess.Write);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw HubException.Usage($"--to: {fault.Message}");
        }
    }

    private static string? TypeOf(ReadOnlySpan<byte> bytes) =>
        bytes is [0x89, (byte)'P', (byte)'N', (byte)'G', ..] ? "image/png"
        : bytes is [0xFF, 0xD8, 0xFF, ..] ? "image/jpeg"
        : bytes.StartsWith("RIFF"u8) && bytes.Length > 12 && bytes[8..].StartsWith("WEBP"u8) ? "image/webp"
        : null;
}
