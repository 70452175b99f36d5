using LeptonEdge.Hub.Configuration;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Hub.Accounts;

public sealed class ApiOptionsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Limits_are_read_and_have_standards()
    {
        Assert.Equal(new ApiOptions(), Load("").Api);
        var options = Load("""
            api:
              requests_per_second: 50
              burst: 60
              sign_ins_per_minute: 5
              session_idle_seconds: 600
              session_max_seconds: 3600
            """).Api;
        Assert.Equal((50, 60, 5), (options.RequestsPerSecond, options.Burst, options.SignInsPerMinute));
        Assert.Equal((TimeSpan.FromMinutes(10), TimeSpan.FromHours(1)), (options.SessionIdle, options.SessionMax));
    }

    [Theory]
    [InlineData("requests_per_second: 0", "requests_per_second")]
    [InlineData("burst: many", "burst")]
    [InlineData("sign_ins_per_minute: -1", "sign_ins_per_minute")]
    [InlineData("session_idle_seconds: 59", "session_idle_seconds")]
    [InlineData("session_max_seconds: 7776001", "session_max_seconds")]
    [InlineData("request_per_second: 1", "request_per_second")]
    public void A_wrong_limit_is_named(string line, string key)
    {
        var fault = Assert.Throws<ConfigurationException>(() => Load($"api:\n  {line}\n"));
        Assert.Contains(key, fault.Message);
    }

    private HubOptions Load(string api)
    {
        var file = _folder.File("hub.yaml");
        File.WriteAllText(file, $"tenant: plant-7\ndata_dir: data\n{api}\n");
        return HubConfiguration.Load(file);
    }
}
