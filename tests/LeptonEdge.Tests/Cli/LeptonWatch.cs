using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using LeptonEdge.Tests.Hub;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Cli;

/// <summary>A command that stays until it is told to end.</summary>
internal sealed class LeptonWatch : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly Task _reading;

    private LeptonWatch(ProcessStartInfo start)
    {
        _process = Process.Start(start) ?? throw new InvalidOperationException("lepton did not start");
        _reading = ReadAsync();
    }

    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    public static LeptonWatch Start(HubUnderTest hub, params string[] arguments) => Start(
        "dotnet", [Path.Combine(AppContext.BaseDirectory, "lepton.dll"), .. arguments],
        ("LEPTON_HUB", hub.Http.ToString()), ("LEPTON_TOKEN", hub.Token));

    public static LeptonWatch Start(
        string program, string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments)
            { RedirectStandardOutput = true, RedirectStandardInput = true };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new LeptonWatch(start);
    }

    public Task UntilAsync(string pattern) =>
        Eventually.True(() => Regex.IsMatch(Output, pattern), $"{pattern} in what was printed:\n{Output}", 30);

    public Task TypeAsync(string keys)
    {
        _process.StandardInput.Write(keys);
        return _process.StandardInput.FlushAsync();
    }

    /// <summary>As Ctrl-C does.</summary>
    public async Task<(int Status, string Output)> InterruptAsync()
    {
        using (var kill = Process.Start("kill", ["-INT", $"{_process.Id}"]))
            await kill.WaitForExitAsync();
        return await EndAsync();
    }

    public async Task<(int Status, string Output)> EndAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        await _reading;
        return (_process.ExitCode, Output);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        var buffer = new char[4096];
        while (await _process.StandardOutput.ReadAsync(buffer) is > 0 and var count)
        {
            lock (_output)
                _output.Append(buffer, 0, count);
        }
    }
}
