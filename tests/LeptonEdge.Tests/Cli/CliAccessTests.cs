using System.Text.Json;
using LeptonEdge.Tests.Hub.Accounts;
using LeptonEdge.Tests.Support;
using Microsoft.Data.Sqlite;

namespace LeptonEdge.Tests.Cli;

/// <summary>Signing in, tokens, accounts and the audit log from the command line.</summary>
public sealed class CliAccessTests(CliHub fleet) : IClassFixture<CliHub>
{
    [Fact]
    public async Task Who_logs_in_works_as_that_account_from_then_on_and_may_no_more_than_it()
    {
        using var folder = new TempFolder();
        using var admin = await Browser.AdminAsync(fleet.Hub);
        var (status, made) = await TypedAsync(
            folder, Browser.Password + "\n", "account", "create", "vera", "--role", "viewer");
        Assert.Equal((0, "account vera, viewer\n"), (status, made));

        (status, var said) = await TypedAsync(
            folder, $"{Browser.Password}\n", "login", "--name", "vera", "--as", "plant", "--days", "7");
        Assert.Equal(0, status);
        Assert.Contains("as vera (viewer) until ", said);
        Assert.Contains("context plant is current", said);

        var me = await AtHomeAsync(folder, "account", "whoami", "-o", "json");
        Assert.Equal("vera", JsonDocument.Parse(me.Output).RootElement.GetProperty("name").GetString());
        Assert.Equal(0, (await AtHomeAsync(folder, "device", "list")).Status);
        foreach (var refused in (string[][])[["plan", "drain", "press"], ["audit", "list"], ["account", "list"]])
        {
            var (code, output, errors) = await AtHomeAsync(folder, refused);
            Assert.Equal((4, ""), (code, output));
            Assert.Matches("operator|admin", errors);
        }

        // What is not given stays.
        Assert.Equal(0, (await fleet.RunAsync("account", "set", "vera", "--site", "hall-2")).Status);
        Assert.Equal(0, (await fleet.RunAsync("account", "set", "vera", "--operator-site", "hall-2")).Status);
        Assert.Equal(0, (await fleet.RunAsync("account", "set", "vera", "--role", "viewer")).Status);
        Assert.Matches("vera +viewer +hall-2 +hall-2", await fleet.OkAsync("account", "list"));

        // The session that made the token is over; the password is nowhere.
        var sessions = await admin.GetAsync("sessions?account=vera");
        Assert.Empty(sessions.GetProperty("items").EnumerateArray());
        Assert.DoesNotContain(Browser.Password, await File.ReadAllTextAsync(folder.File("lepton/config.yaml")));
        (status, _) = await TypedAsync(folder, "seven wrong herons\n", "login", "--name", "vera");
        Assert.Equal(4, status);
    }

    [Fact]
    public async Task A_token_is_made_used_listed_and_revoked()
    {
        using var admin = await Browser.AdminAsync(fleet.Hub);
        using var folder = new TempFolder();
        var (status, output, errors) = await fleet.RunAsync(
            "token", "create", "ci", "--account", Browser.Admin, "--scope", "read", "--days", "3");
        Assert.Equal(0, status);
        Assert.Contains("(admin), until ", errors);
        var token = output.Trim();
        Assert.Equal(0, (await AsAsync(token, "device", "list")).Status);
        Assert.Equal(4, (await AsAsync(token, "plan", "drain", "press")).Status);

        var list = await fleet.JsonAsync("token", "list", "--account", Browser.Admin);
        var row = list.GetProperty("items").EnumerateArray().First(item =>
            item.GetProperty("name").GetString() == "ci");
        Assert.DoesNotContain(token, list.GetRawText());
        var id = row.GetProperty("id").GetRawText();
        Assert.Contains("nothing was changed", await fleet.OkAsync("token", "revoke", id, "--dry-run"));
        Assert.Equal("the token is revoked\n", await fleet.OkAsync("token", "revoke", id));
        Assert.Equal(4, (await AsAsync(token, "device", "list")).Status);
        var wrong = await fleet.RunAsync("token", "create", "ci", "--account", Browser.Admin, "--days", "9999");
        Assert.Equal(2, wrong.Status);
        Assert.Contains("days: ", wrong.Errors);
    }

    [Fact]
    public async Task The_audit_log_is_listed_and_verified_by_the_hub_and_from_its_file()
    {
        Assert.Equal(3, (await fleet.RunAsync("plan", "undrain", "nobody")).Status);
        var list = await fleet.OkAsync("audit", "list", "--action", "plan.*");
        Assert.Matches("operator +plan.undrain +nobody +refused", list);
        var whole = await fleet.OkAsync("audit", "verify");
        var head = whole[(whole.LastIndexOf(' ') + 1)..].Trim();

        using var folder = new TempFolder();
        using (var store = new SqliteConnection($"Data Source={Path.Combine(fleet.Hub.DataFolder, "hub.db")}"))
        {
            await store.OpenAsync();
            using var copy = store.CreateCommand();
            copy.CommandText = $"VACUUM INTO '{folder.File("hub.db")}'";
            await copy.ExecuteNonQueryAsync();
        }

        Assert.StartsWith("whole: ", await fleet.OkAsync("audit", "verify", "--store", folder.File("hub.db"), "--head",
            head));
        using (var store = new SqliteConnection($"Data Source={folder.File("hub.db")};Pooling=False"))
        {
            await store.OpenAsync();
            using var change = store.CreateCommand();
            // Whoever has the file has its rules too.
            change.CommandText = "DROP TRIGGER audit_unchanged; UPDATE audit SET actor = 'somebody' WHERE sequence = 1";
            Assert.Equal(1, await change.ExecuteNonQueryAsync());
        }

        var broken = await fleet.RunAsync("audit", "verify", "--store", folder.File("hub.db"));
        Assert.Equal(7, broken.Status);
        Assert.StartsWith("BROKEN at entry 1: ", broken.Output);
        Assert.Equal(3, (await fleet.RunAsync("audit", "verify", "--store", "/nowhere/hub.db")).Status);
        Assert.Equal(2, (await fleet.RunAsync("audit", "verify", "--store", "x", "--head", "7")).Status);
    }

    private Task<(int Status, string Output, string Errors)> AsAsync(string token, params string[] arguments) =>
        fleet.RunAtHomeAsync(
            arguments, ("LEPTON_HUB", fleet.Hub.Http.ToString()), ("LEPTON_TOKEN", token));

    private Task<(int Status, string Output, string Errors)> AtHomeAsync(TempFolder home, params string[] arguments) =>
        fleet.RunAtHomeAsync(arguments, ("XDG_CONFIG_HOME", home.Path));

    /// <summary>With something to read on the standard input.</summary>
    private async Task<(int Status, string Output)> TypedAsync(TempFolder home, string typed, params string[] arguments)
    {
        var login = arguments[0] == "login";
        using var process = LeptonWatch.Start(
            "dotnet", [
                Path.Combine(AppContext.BaseDirectory, "lepton.dll"), .. arguments, "--hub", fleet.Hub.Http.ToString()],
            ("XDG_CONFIG_HOME", home.Path), ("LEPTON_TOKEN", login ? "" : fleet.Hub.Token));
        await process.TypeAsync(typed);
        return await process.EndAsync();
    }
}
