using Google.Protobuf;
using Google.Protobuf.Reflection;
using LeptonEdge.Protocol.V1;
using LeptonEdge.Tests.Polyfills.GrpcPeers;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Hub.Jobs;

/// <summary>Other people's gRPC client against long jobs.</summary>
public sealed class JobPeerTests(JobsHub jobs) : IClassFixture<JobsHub>
{
    [PythonPeerFact("grpc", "python3-grpcio")]
    public async Task Python_grpcio_submits_watches_reads_and_cancels_jobs()
    {
        using var folder = new TempFolder();
        var (set, descriptors) = (new FileDescriptorSet(), folder.File("jobs.pb"));
        set.File.Add(FileDescriptorProto.Parser.ParseFrom(JobsReflection.Descriptor.SerializedData));
        await File.WriteAllBytesAsync(descriptors, set.ToByteArray());
        await using var peer = PeerProcess.Start(
            PeerProcess.Python, "jobs_client.py",
            [
                $"localhost:{jobs.Hub.Server.Ports.Https}", Path.Combine(jobs.Hub.DataFolder, "ca", "ca.crt"),
                jobs.Hub.Token, descriptors, JobsHub.Device, JobsHub.Channel, "bearing-fault",
            ]);
        var lines = await peer.LinesAsync();
        Assert.Equal(7, lines.Length);
        Assert.All(lines, line => Assert.StartsWith("ok ", line, StringComparison.Ordinal));
    }
}
