using System.Net;
using System.Net.Sockets;
using System.Text;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Cli;

/// <summary>Hubs that are none, or broken, and outputs that take nothing: one line of words and a status, never a
/// trace of the stack.</summary>
public sealed class CliHostileTests(CliHub fleet) : IClassFixture<CliHub>
{
    private const string Odd =
        """{"items":[1,"x",null,{"device":5,"online":"maybe","lastSeenMicros":"soon","backlog":7}],"next":null}""";

    [Theory]
    [InlineData("500 Oops", "oops", 1, "500 Oops: the hub's log says why")]
    [InlineData("200 OK", "<html>\u001b[31m</html>", 1, "is not JSON: is a LeptonEdge hub at this address?")]
    [InlineData("200 OK", "[1,2]", 1, "is this lepton as new as its hub?")]
    [InlineData("302 Found", "", 1, "302 Found: is a LeptonEdge hub at this address?")]
    [InlineData("200 OK", """{"items":[{"device":"a"}],"next":"again"}""", 1, "the hub's list does not end")]
    [InlineData("200 OK", Odd, 0, "")]
    [InlineData("200 OK", null, 5, "broke off")]
    public async Task An_answer_that_is_none_is_explained(string line, string? body, int expected, string words)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var enough = new CancellationTokenSource();
        var serving = ServeAsync(listener, line, body, enough.Token);
        var (status, output, errors) = await LeptonProcess.RunAsync(
            ["device", "list", "--hub", $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}"],
            new Dictionary<string, string> { ["LEPTON_TOKEN"] = "x" });
        await enough.CancelAsync();
        await serving;

        Assert.Equal(expected, status);
        Assert.Contains(words, errors);
        Assert.InRange(errors.Split('\n').Length, 1, 2);
        Assert.DoesNotContain('\e', output + errors);
    }

    [Theory]
    [InlineData("device show pres", 3, "'lepton device list' lists those that have; did you mean 'press'?")]
    [InlineData("workload show press/bearin", 3, "did you mean 'press/bearing'?")]
    [InlineData("device list --limit 99999999999", 2, "for option '--limit' as a whole number")]
    [InlineData("device list >&-", 1, "")]
    [InlineData("device list >/dev/full", 1, "No space left on device")]
    [InlineData("reading export pump drive-end | head -1", 0, "")]
    public async Task What_was_meant_is_said_and_outputs_that_take_nothing_are_no_crash(
        string line, int expected, string words)
    {
        using var shell = LeptonWatch.Start(
            "bash", ["-c", $"exec 3>&1; lepton() {{ dotnet \"$LEPTON\" \"$@\" 2>&3; }}; lepton {line}"],
            ("LEPTON", Path.Combine(AppContext.BaseDirectory, "lepton.dll")),
            ("LEPTON_HUB", fleet.Hub.Http.ToString()), ("LEPTON_TOKEN", fleet.Hub.Token));
        var (status, output) = await shell.EndAsync();
        Assert.Equal(expected, status);
        Assert.Contains(words, output);
        Assert.DoesNotContain("   at ", output);
    }

    private static async Task ServeAsync(TcpListener listener, string line, string? body, CancellationToken enough)
    {
        // Without a body it promises one, and breaks off.
        var answer = Encoding.UTF8.GetBytes(
            $"HTTP/1.1 {line}\r\ncontent-length: {body?.Length ?? 1000}\r\nconnection: close\r\n\r\n{body ?? "{"}");
        try
        {
            while (true)
            {
                using var socket = await listener.AcceptSocketAsync(enough);
                var asked = new byte[4096];
                await socket.ReceiveAsync(asked, enough);
                await socket.SendAsync(answer, enough);
                socket.Shutdown(SocketShutdown.Both);
            }
        }
        catch (OperationCanceledException)
        {
            // The test has seen what it wanted to.
        }
    }
}
