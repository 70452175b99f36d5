using System.CommandLine;
using LeptonEdge.Cli.Contexts;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary>The options that every command which talks to a hub shares.</summary>
internal sealed class HubOptions
{
    public static readonly string[] Forms = ["table", "wide", "json", "yaml", "csv"];

    private readonly Option<string?> _context = new("--context")
        { Description = "The hub by its name in 'lepton context list'; or set LEPTON_CONTEXT." };

    private readonly Option<string?> _hub = new("--hub")
    {
        Description = "Address of the hub's API; or set LEPTON_HUB. Without any, the current context's, or "
            + "https://127.0.0.1:8443.",
    };

    private readonly Option<string?> _tokenFile = new("--token-file")
    {
        Description = "File with a token (operator.token in the hub's data folder, or a personal access token); or set "
            + "LEPTON_TOKEN to the token.",
    };

    private readonly Option<string?> _ca = new("--ca")
        { Description = "The fleet's certificate authority (ca/ca.crt in the hub's data folder); or set LEPTON_CA." };

    private readonly Option<string> _output = new("--output", "-o")
    {
        Description = "table, wide (all columns, exact), json (as the hub says it), yaml or csv (RFC 4180).",
        DefaultValueFactory = _ => "table",
    };

    public HubOptions()
    {
        _output.AcceptOnlyFromAmong(Forms);
        _context.CompletionSources.Add(_ => Completing.Contexts());
    }

    /// <param name="withHub">The command asks a hub; else it only prints.</param>
    public void AddTo(Command command, bool withHub = true)
    {
        command.Options.Add(_output);
        if (!withHub)
            return;
        command.Options.Add(_context);
        command.Options.Add(_hub);
        command.Options.Add(_tokenFile);
        command.Options.Add(_ca);
    }

    public bool WantsJson(ParseResult parsed) => Form(parsed) == OutputForm.Json;

    public OutputForm Form(ParseResult parsed) => parsed.GetValue(_output) switch
    {
        "wide" => OutputForm.Wide,
        "json" => OutputForm.Json,
        "yaml" => OutputForm.Yaml,
        "csv" => OutputForm.Csv,
        _ => OutputForm.Table,
    };

    /// <exception cref="HubException">A context, an address or a file is wrong.</exception>
    public HubChoice Choose(ParseResult parsed) => HubChoice.Of(
        new HubWish(
            parsed.GetValue(_context), parsed.GetValue(_hub), parsed.GetValue(_tokenFile), parsed.GetValue(_ca)),
        Environment.GetEnvironmentVariable);

    /// <param name="timeout">For one answer; null for the standard.</param>
    /// <exception cref="HubException">There is no token, or a file cannot be read.</exception>
    public HubClient Connect(ParseResult parsed, TimeSpan? timeout = null)
    {
        var choice = Choose(parsed);
        if (choice.Token is null)
        {
            throw new HubException(
                "no token: give --token-file, set LEPTON_TOKEN, or sign in with 'lepton login'", ExitCodes.NotAllowed);
        }

        return Connect(choice, timeout);
    }

    /// <exception cref="HubException">The authority's file cannot be read.</exception>
    public static HubClient Connect(HubChoice choice, TimeSpan? timeout = null)
    {
        try
        {
            return new HubClient(choice.Hub, choice.Token, choice.Ca, timeout);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException
            or System.Security.Cryptography.CryptographicException)
        {
            throw HubException.Usage($"--ca: {choice.Ca}: {fault.Message}");
        }
    }

    /// <summary>Runs a command's body; a refusal becomes one line on stderr and its exit status.</summary>
    public static async Task<int> RunAsync(Func<Task<int>> body)
    {
        try
        {
            return await body();
        }
        catch (HubException fault)
        {
            await Console.Error.WriteLineAsync($"lepton: {fault.Message}");
            return fault.Status;
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Interrupted;
        }
        catch (Exception fault) when (fault is InvalidOperationException or FormatException or KeyNotFoundException)
        {
            await Console.Error.WriteLineAsync(
                $"lepton: the hub's answer cannot be read: {fault.Message} Is this lepton as new as its hub?");
            return ExitCodes.Failed;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // Who read our output may have gone, as 'head' does when it has seen enough: nobody needs to be told.
            const int BrokenPipe = 32;
            if (fault.HResult != BrokenPipe)
                await Console.Error.WriteLineAsync($"lepton: {(fault.InnerException ?? fault).Message}");
            return ExitCodes.Failed;
        }
    }
}
