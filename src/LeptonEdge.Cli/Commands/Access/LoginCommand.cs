using System.CommandLine;
using LeptonEdge.Cli.Contexts;
using LeptonEdge.Cli.Output;

namespace LeptonEdge.Cli.Commands;

/// <summary><c>lepton login</c>: a token of one's own, kept in the context.</summary>
internal static class LoginCommand
{
    public static void Fill(Command command)
    {
        var name = new Option<string?>("--name") { Description = "Name of the account; asked for, unless given." };
        var days = new Option<int>("--days")
            { Description = "How long the token is good for, 1 to 366.", DefaultValueFactory = _ => 30 };
        var readOnly = new Option<bool>("--read-only") { Description = "A token that can change nothing." };
        var keep = new Option<string?>("--as")
        {
            Description = "Name of the context that it is kept in; unless given, the one in use, or the hub's name.",
        };
        var dry = ChangeVerb.DryRunOption();
        var hub = new HubOptions();
        HubVerb.Add(command, [name, days, readOnly, keep, dry]);
        hub.AddTo(command);
        command.SetAction((parsed, cancellation) => HubOptions.RunAsync(async () =>
        {
            var choice = hub.Choose(parsed);
            var context = parsed.GetValue(keep) ?? choice.Context ?? choice.Hub.Host;
            if (parsed.GetValue(dry))
            {
                Console.WriteLine($"would sign in at {choice.Hub}, make a token of {parsed.GetValue(days)} days, and "
                    + $"keep it in context {context} of {ContextFile.Path}");
                return ExitCodes.Ok;
            }

            var account = parsed.GetValue(name) ?? Prompt.Name("name: ");
            var made = await SignIn.MakeTokenAsync(
                choice, account, Prompt.Secret("password: "),
                new
                {
                    name = $"lepton on {Environment.MachineName}",
                    scopes = parsed.GetValue(readOnly) ? (string[])["read"] : ["read", "change"],
                    days = parsed.GetValue(days),
                }, cancellation);
            Keep(choice, context, made.Token);
            Console.WriteLine($"signed in at {choice.Hub} as {made.Account} ({made.Role}) until "
                + $"{TimeWords.Iso(made.ExpiresMicros)}; context {context} is current");
            return ExitCodes.Ok;
        }));
    }

    private static void Keep(HubChoice choice, string name, string token)
    {
        var file = ContextFile.Read();
        var ca = choice.Ca is null ? null : Path.GetFullPath(choice.Ca);
        (file.With(new HubContext(name, choice.Hub.ToString(), ca, token, null)) with { Current = name }).Write();
    }
}
