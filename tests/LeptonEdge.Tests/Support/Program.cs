using System.Globalization;

namespace LeptonEdge.Tests.Support;

/// <summary>What this assembly does when a test starts it as a process: see <see cref="ChildProcess"/>.</summary>
public static class Program
{
    public static int Main(string[] args)
    {
        switch (args)
        {
            case ["append-until-killed", var outbox]:
                return Storage.OutboxChild.AppendUntilKilled(outbox);
            case ["churn-until-killed", var outbox]:
                return Storage.OutboxChild.ChurnUntilKilled(outbox);
            case ["ingest-until-killed", var hub]:
                return Storage.HubChild.IngestUntilKilled(hub);
            case ["broker", var port, var file]:
                return Polyfills.Mqtt.BrokerChild.Serve(int.Parse(port, CultureInfo.InvariantCulture), file);
            case ["hub", var configuration]:
                return LeptonEdge.Hub.HubHost.RunAsync(["--config", configuration]).GetAwaiter().GetResult();
            default:
                Console.Error.WriteLine("this program is run by the tests; use dotnet test");
                return 2;
        }
    }
}
