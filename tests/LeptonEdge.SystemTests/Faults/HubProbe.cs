using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;

namespace LeptonEdge.SystemTests.Faults;

/// <summary>What the operator of a hub sees of it.</summary>
/// <param name="data">The hub's data folder, for its token.</param>
internal sealed class HubProbe(int port, string data) : IDisposable
{
    private readonly HttpClient _api = new()
        { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(10) };

    /// <summary>A request to the hub's API in the operator's name; null while the hub is away.</summary>
    public async Task<HttpResponseMessage?> AskAsync(string path)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            var token = await File.ReadAllTextAsync(Path.Combine(data, "operator.token"));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Trim());
            return await _api.SendAsync(request);
        }
        catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException or IOException)
        {
            return null;
        }
    }

    /// <summary>Batches that wait on the device, by its own newest report; null while nothing newer than
    /// <paramref name="sinceMicros"/> is known.</summary>
    public async Task<long?> BacklogAsync(long sinceMicros = 0)
    {
        using var response = await AskAsync("api/v1/devices");
        if (response is not { IsSuccessStatusCode: true })
            return null;
        using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        var devices = document.RootElement.GetProperty("items");
        if (devices.GetArrayLength() == 0 || devices[0].GetProperty("lastSeenMicros").GetInt64() < sinceMicros)
            return null;
        return devices[0].GetProperty("backlog").GetProperty("batches").GetInt64();
    }

    /// <summary>What a figure of the device's first workload is, by its own newest report; 0 while none is
    /// known.</summary>
    /// <param name="figure">As the API names it, such as inferencesHub.</param>
    public async Task<long> WorkloadFigureAsync(string figure)
    {
        using var response = await AskAsync("api/v1/workloads");
        if (response is not { IsSuccessStatusCode: true })
            return 0;
        using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        var workloads = document.RootElement.GetProperty("items");
        return workloads.GetArrayLength() == 0 ? 0 : workloads[0].GetProperty(figure).GetInt64();
    }

    /// <summary>Batches that this life of the hub stored, by its own count; 0 while it is away.</summary>
    public async Task<long> StoredBatchesAsync()
    {
        const string Name = "lepton_hub_batches_stored_total ";
        using var response = await AskAsync("metrics");
        var lines = response is null ? [] : (await response.Content.ReadAsStringAsync()).Split('\n');
        return lines.FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal)) is { } line
            ? long.Parse(line[Name.Length..], CultureInfo.InvariantCulture) : 0;
    }

    public void Dispose() => _api.Dispose();
}
