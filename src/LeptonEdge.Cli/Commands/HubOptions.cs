using System.CommandLine;

namespace LeptonEdge.Cli.Commands;

/// <summary>The options that every command which talks to a hub shares.</summary>
internal sealed class HubOptions
{
    private readonly Option<string> _hub = new("--hub")
    {
        Description = "Address of the hub's API; or set LEPTON_HUB.",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("LEPTON_HUB") ?? "https://127.0.0.1:8443",
    };

    private readonly Option<string?> _tokenFile = new("--token-file")
    {
        Description = "File with the operator's token (operator.token in the hub's data folder); or set LEPTON_TOKEN "
            + "to the token.",
    };

    private readonly Option<string?> _ca = new("--ca")
    {
        Description = "The fleet's certificate authority (ca/ca.crt in the hub's data folder); or set LEPTON_CA.",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("LEPTON_CA"),
    };

    private readonly Option<string> _output = new("--output", "-o") { DefaultValueFactory = _ => "table" };

    /// <param name="withCsv">The command can print CSV as well.</param>
    public HubOptions(bool withCsv = false)
    {
        string[] forms = withCsv ? ["table", "json", "csv"] : ["table", "json"];
        _output.Description = string.Join(" or ", forms);
        _output.AcceptOnlyFromAmong(forms);
    }

    public void AddTo(Command command)
    {
        command.Options.Add(_hub);
        command.Options.Add(_tokenFile);
        command.Options.Add(_ca);
        command.Options.Add(_output);
    }

    public bool WantsJson(ParseResult parsed) => Output(parsed) == "json";

    public string Output(ParseResult parsed) => parsed.GetValue(_output)!;

    /// <param name="timeout">For one answer; null for the standard.</param>
    /// <exception cref="HubException">There is no token, or a file cannot be read.</exception>
    public HubClient Connect(ParseResult parsed, TimeSpan? timeout = null)
    {
        try
        {
            var token = parsed.GetValue(_tokenFile) is { } file
                ? File.ReadAllText(file).Trim()
                : Environment.GetEnvironmentVariable("LEPTON_TOKEN");
            if (string.IsNullOrEmpty(token))
                throw new HubException("no token: give --token-file, or set LEPTON_TOKEN");
            var address = parsed.GetValue(_hub);
            if (!Uri.TryCreate(address, UriKind.Absolute, out var hub) || hub.Scheme is not ("http" or "https"))
                throw new HubException($"--hub: '{address}' is not an address such as https://hub.example:8443");
            return new HubClient(hub, token, parsed.GetValue(_ca), timeout);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException
            or System.Security.Cryptography.CryptographicException)
        {
            throw new HubException(fault.Message);
        }
    }

    /// <summary>Runs a command's body; a hub's refusal becomes one line on stderr and exit status 1.</summary>
    public static async Task<int> RunAsync(Func<Task<int>> body)
    {
        try
        {
            return await body();
        }
        catch (HubException fault)
        {
            await Console.Error.WriteLineAsync($"lepton: {fault.Message}");
            return 1;
        }
    }
}
