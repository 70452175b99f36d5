using LeptonEdge.Core.Identity;
using LeptonEdge.Protocol.Topics;

namespace LeptonEdge.Tests.Protocol;

public sealed class TopicTests
{
    private static readonly TenantId Acme = new("acme");
    private static readonly DeviceId Press = new("edge-press");

    [Fact]
    public void Every_topic_of_a_device_reads_back()
    {
        var topics = new DeviceTopics(Acme, Press);
        Assert.Equal("lepton/acme/edge-press/up/telemetry", topics.UpTelemetry);
        foreach (var (topic, expected) in new[]
        {
            (topics.UpTelemetry, TopicKind.UpTelemetry), (topics.UpReported, TopicKind.UpReported),
            (topics.UpLog, TopicKind.UpLog),
            (topics.DownReceipt, TopicKind.DownReceipt), (topics.DownDesired, TopicKind.DownDesired),
            (topics.DownCommand, TopicKind.DownCommand),
        })
        {
            Assert.True(TopicName.TryParse(topic, out var tenant, out var device, out var kind));
            Assert.Equal((Acme, Press, expected), (tenant, device, kind));
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("lepton/acme/edge-press/up")]
    [InlineData("lepton/acme/edge-press/up/receipt")]
    [InlineData("lepton/acme/edge-press/up/telemetry/more")]
    [InlineData("lepton/ACME/edge-press/up/telemetry")]
    [InlineData("lepton/acme/+/up/telemetry")]
    [InlineData("other/acme/edge-press/up/telemetry")]
    public void A_topic_that_is_not_ours_is_refused(string? topic) =>
        Assert.False(TopicName.TryParse(topic, out _, out _, out _));

    [Theory]
    [InlineData("lepton/acme/edge-press/up/telemetry", true)]
    [InlineData("lepton/acme/edge-press/up/log", true)]
    [InlineData("lepton/acme/edge-press2/up/log", false)]
    [InlineData("lepton/acme/edge-press/up/#", false)]
    [InlineData("lepton/acme/edge-press/up/", false)]
    [InlineData("lepton/acme/edge-press/down/desired", false)]
    [InlineData("lepton/acme/edge-press2/up/telemetry", false)]
    [InlineData("lepton/other/edge-press/up/telemetry", false)]
    public void A_device_publishes_only_below_its_own_up(string topic, bool may) =>
        Assert.Equal(may, TopicRights.MayPublish(Acme, Press, topic));

    [Theory]
    [InlineData("lepton/acme/edge-press/down/receipt", true)]
    [InlineData("lepton/acme/edge-press/down/#", true)]
    [InlineData("lepton/acme/edge-press/#", false)]
    [InlineData("lepton/acme/+/down/desired", false)]
    [InlineData("$share/x/lepton/acme/edge-press/down/desired", false)]
    [InlineData("#", false)]
    public void A_device_subscribes_only_below_its_own_down(string filter, bool may) =>
        Assert.Equal(may, TopicRights.MaySubscribe(Acme, Press, filter));
}
