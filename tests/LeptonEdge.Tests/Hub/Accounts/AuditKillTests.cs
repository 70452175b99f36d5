using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using LeptonEdge.Storage.Hubs;
using LeptonEdge.Storage.Hubs.Accounts;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Hub.Accounts;

/// <summary>A hub that is killed amid changes: every change that is there has its entry, every entry its change, and every
/// Idempotency-Key created once.</summary>
public sealed class AuditKillTests : IDisposable
{
    private const int Kills = 3;
    private const int Writers = 4;
    private readonly TempFolder _folder = new();
    private readonly Dictionary<string, long> _inputs = [];
    private int _next;

    private string Data => _folder.File("data");

    public AuditKillTests() => Directory.CreateDirectory(Data);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Changes_and_entries_are_there_together_or_not_at_all()
    {
        var random = new Random(11);
        for (var kill = 0; kill < Kills; kill++)
        {
            using var hub = await StartAsync();
            using var client = await ConnectAsync();
            var enough = new CountdownEvent(20 + random.Next(40));
            var writers = Enumerable.Range(0, Writers).Select(_ => ChangeAsync(client, enough)).ToList();
            await Eventually.True(() => enough.IsSet, "the hub has taken some changes");
            hub.Kill(entireProcessTree: true);
            await hub.WaitForExitAsync();
            await Task.WhenAll(writers);
            Compare();
        }

        // Whoever heard nothing asks again with the same key, and what was made is not made twice.
        using var last = await StartAsync();
        using (var client = await ConnectAsync())
        {
            for (var i = 1; i <= _next; i++)
                await BeginAsync(client, $"key-{i}");
        }

        last.Kill(entireProcessTree: true);
        await last.WaitForExitAsync();
        Assert.Equal(_next, Compare());
        Assert.Equal(_next, _inputs.Values.Distinct().Count());
    }

    // Until the hub is gone: an input for a job under a key, and a view.
    private async Task ChangeAsync(HttpClient client, CountdownEvent enough)
    {
        try
        {
            while (true)
            {
                var i = Interlocked.Increment(ref _next);
                await BeginAsync(client, $"key-{i}");
                using var put = await client.PutAsJsonAsync($"api/v1/views/view-{i % 50}", new { page = "fleet", content = $"{i}" });
                Assert.True(put.IsSuccessStatusCode);
                if (!enough.IsSet)
                    enough.Signal();
            }
        }
        catch (HttpRequestException)
        {
            // It was killed.
        }
        catch (InvalidOperationException) when (enough.IsSet)
        {
            // Two signalled the last at once.
        }
    }

    private async Task BeginAsync(HttpClient client, string key)
    {
        using var answer = await client.SendAsync(new HttpRequestMessage(HttpMethod.Post, "api/v1/jobs/inputs")
        {
            Headers = { { "Idempotency-Key", key } },
        });
        Assert.True(answer.IsSuccessStatusCode, $"{key}: {answer.StatusCode}");
        var id = (await HubUnderTest.JsonAsync(answer)).GetProperty("id").GetInt64();
        lock (_inputs)
        {
            // Told once, told for good.
            Assert.Equal(id, _inputs.TryGetValue(key, out var before) ? before : id);
            _inputs[key] = id;
        }
    }

    /// <returns>Inputs that there are.</returns>
    private int Compare()
    {
        var store = Path.Combine(Data, "hub.db");
        var verdict = AuditChain.Verify(store);
        Assert.True(verdict.IsSound, verdict.Fault);
        using var open = HubStore.OpenReadOnly(store);
        var entries = open.AuditEntries(new AuditFilter(), 100_000).Select(entry => entry.Change).Reverse().ToList();
        Assert.All(entries, entry => Assert.Equal("done", entry.Outcome));
        var inputs = Rows(store, "SELECT id FROM job_input ORDER BY id");
        Assert.Equal(inputs, entries.Where(entry => entry.Action == "job.input").Select(entry => entry.Target));
        Assert.Equal(inputs.Count, Rows(store, "SELECT key FROM answer").Count);
        // The newest entry of each view says what is in it, and how often it was put.
        var views = entries.Where(entry => entry.Action == "view.put").GroupBy(entry => entry.Target)
            .Select(group => $"{group.Key} {group.Count()} {Content(group.Last().After!)}").Order();
        Assert.Equal(
            Rows(store, "SELECT name || ' ' || version || ' ' || json_extract(content, '$.content') FROM document "
                + "WHERE kind = 'view/operator'").Order(),
            views);
        return inputs.Count;
    }

    private static string Content(string json) =>
        JsonDocument.Parse(json).RootElement.GetProperty("content").GetString()!;

    private static List<string> Rows(string store, string sql)
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={store};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
            rows.Add(Convert.ToString(reader.GetValue(0), CultureInfo.InvariantCulture)!);
        return rows;
    }

    private async Task<Process> StartAsync()
    {
        var (file, ports) = (_folder.File("hub.yaml"), Path.Combine(Data, "ports.json"));
        await File.WriteAllTextAsync(
            file, $"tenant: plant-7\ndata_dir: {Data}\nlisten:\n  https: 127.0.0.1:0\n  mqtt: 127.0.0.1:0\n  http: 127.0.0.1:0\n");
        File.Delete(ports);
        var hub = ChildProcess.Start("hub", file);
        var errors = hub.StandardError.ReadToEndAsync();
        _ = hub.StandardOutput.ReadToEndAsync();
        await Eventually.True(() => File.Exists(ports) || hub.HasExited, "the hub listens", secondsMax: 60);
        return hub.HasExited ? throw new InvalidOperationException(await errors) : hub;
    }

    private async Task<HttpClient> ConnectAsync()
    {
        using var ports = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Data, "ports.json")));
        var token = (await File.ReadAllTextAsync(Path.Combine(Data, "operator.token"))).Trim();
        return new HttpClient
        {
            BaseAddress = new Uri($"http://127.0.0.1:{ports.RootElement.GetProperty("http").GetInt32()}"),
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) },
        };
    }
}
