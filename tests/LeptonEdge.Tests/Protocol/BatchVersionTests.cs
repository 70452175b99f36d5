using System.Buffers;
using LeptonEdge.Core.Alarms;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Plans;
using LeptonEdge.Core.Pricing;
using LeptonEdge.Core.Records;
using LeptonEdge.Protocol.Batches;

namespace LeptonEdge.Tests.Protocol;

/// <summary>Outboxes in the field and stores at hubs hold what earlier releases wrote.</summary>
public sealed class BatchVersionTests
{
    // Captured from the encoder of version 1.
    private const string EverythingBytes =
        "0101970707CB010080AAAAAAEA9FC55DDD3C3C3223C233121CC02121C1D3738184CC007007CFBC640424448603046440"
        + "2640E4E299A0E190990190691E6191E990166E01E6E6718848F7D0C80007884848480880C84342404242C0929199169E"
        + "2B6464786664420678421E12200E1100E9900079C90C0848C884F4430624404046444244ACDB0E3FD48EB97AF591F848"
        + "34121FDDCCE5914834525214744E8E938E918812575958991655FD86D2DAA6E8B291D015372421FE76F7F4A5A5EB7D1D"
        + "C41C8C3918C353EAFA2E91E2E44B41A3F34B738BAB4534997D6DC94EE2D504B2259A9BBD67331E8F0720D62657E0663A"
        + "9D0688B5590A71B3502800C4DAECCB7233140A01C4DA347AB85959590910EBBBCCC64DA4ADF6F0D8D11B8DADD5E81202"
        + "25CD7AB45DF129B166BFDE1A77D386F38B99FF6D275078BC2113C63865D0100E6700137D70939B1C264C703E2FB03944"
        + "DE74557054044DC179DE14417DB213485E23A21E01CC28E5B3B37B35A11B5A3C1A77D3BA67A7F197C462D7E09F959F33"
        + "0F6625FA5672A176E0F9C5F70BF9733FFAF2D5D1A6F99184F2984F25FB1FED5F9BBBA50E9D1A7FDBFBB5DA58597079EB"
        + "233B4E9C3CDC501FEB1F61352A810FAB9D553B3F7D5EAEFBF8A2EEDD07C7A2E7FCF02CAD6160B5E87FCF936DB9E3F73B"
        + "CA3BF73C5DB83DB6FBF444E0CD997FA3AE3B338D75877C7BBDDBDDAEAD5B36DB25C96663CC4A0C91854AFCB6A94DD68D"
        + "B8BF494BC40C2BA452564C80248222288636120CED162BD9238AAC47639701723C3B35804A7AB8DAD72227540320DB01"
        + "FF417F00B048314D6F9555169155958140B0608C2408217ED9F703D54A2DD4DE524B053D88C87A453B08A4EC2B972B00"
        + "726A51D52B47B476C55B15F0E69ED5026000068980B152BA5AC16755DC7D2738D3538480B35B88E52F01FB2C01F12A8E"
        + "75BC2477484C7BA781E0F7A0B8747D38CD3E9504522962D0AE548D99A688B5245415800409E5582EC63D1A";

    private const string SmallBytes =
        "010023010109646F6F722E6F70656E0100000A00000002000000000000000000000000000000";

    private const string SeriesBytes =
        "0101E9010374000080AAAAAAEA9FD56001B3935DEDA4073BD9E1A8878B01F855C1406E763AD9C5C5DD4001CC1CEC72B4"
        + "8383801F1753BFFAE1E687A39FF5E2E00076F183C3BFEDBAFA17C318BB0FC3300C07F840702863234476B4512265FE1E"
        + "86C9A5C7A957711E338E99E77EFF8AD76C5E592DEFEDF5F9656AF58FC8AFB8DFE0CF85796C2F5A6B20379E81C43907E4"
        + "C666494208406ED49EC45A0BE446A7498C3140EE2A1212ACE89F77CDE9232AEC9931";

    private const string SamplesBytes =
        "0101688333000080AAAAAAEA9FF8A4573DEAD14E37D5D3514F1765653DDDEC74D4D3D12E4773CA495BC01A8678384318"
        + "868EB187A8B0D8EA49FE22249E173E53DFDCE7C2F846264910AB17D8C216DB1DBCC01E";

    [Fact]
    public void Batches_of_version_1_are_still_read()
    {
        Assert.Equal(1, Convert.FromHexString(EverythingBytes)[0]);
        var everything = BatchCodec.Decode(Convert.FromHexString(EverythingBytes));
        Assert.Equal(RandomBatches.Print(Everything()), RandomBatches.Print(everything));
        var small = BatchCodec.Decode(Convert.FromHexString(SmallBytes));
        Assert.Equal(RandomBatches.Print(Small()), RandomBatches.Print(small));
    }

    [Fact]
    public void What_a_hub_stored_in_version_1_is_still_read()
    {
        long[] times = [];
        double[] values = [];
        var count = SeriesCodec.Decode(Convert.FromHexString(SeriesBytes), ref times, ref values);
        Assert.Equal(Times, times.AsSpan(0, count).ToArray());
        Assert.Equal(Decimals.Select(BitConverter.DoubleToInt64Bits),
            values.Take(count).Select(BitConverter.DoubleToInt64Bits));
        Assert.Equal(Samples, SamplesCodec.Decode(Convert.FromHexString(SamplesBytes)));
    }

    [Fact]
    public void Batches_are_written_in_version_2()
    {
        Assert.Equal(2, BatchCodecTests.Encode(Small())[0]);
        Assert.Equal(RandomBatches.Print(Everything()),
            RandomBatches.Print(BatchCodec.Decode(BatchCodecTests.Encode(Everything()))));
    }

    [Fact]
    public void Only_a_batch_with_usage_asks_for_a_reader_of_version_3()
    {
        var batch = new RecordBatch(RecordClass.Event);
        batch.Usage.Add(new Usage(
            new WorkloadId("bearing"), new ModelReference("bearing-fault", "1.2.0"), NodeKind.Device, 60, 120,
            new UsageAmounts(1380, 59_000_000, 0, 12, 0, 300)));
        var bytes = BatchCodecTests.Encode(batch);
        Assert.Equal(3, bytes[0]);
        Assert.Equal(batch.Usage, BatchCodec.Decode(bytes).Usage);
        // To a reader of version 2 it is no batch of fewer records, but one that it cannot read.
        bytes[0] = 2;
        Assert.Contains(
            "follow the last record", Assert.Throws<BatchFormatException>(() => BatchCodec.Decode(bytes)).Message);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(UsageAmounts.Max + 1)]
    public void Usage_that_nobody_could_have_used_is_refused_by_its_name(long amount)
    {
        var batch = new RecordBatch(RecordClass.Event);
        batch.Usage.Add(new Usage(null, null, NodeKind.Device, 0, 1, new UsageAmounts(Bytes: amount)));
        var error = Assert.Throws<BatchFormatException>(() => BatchCodec.Decode(BatchCodecTests.Encode(batch)));
        Assert.Contains($"bytes of usage is {amount}", error.Message);
    }

    [Fact]
    public void A_version_that_is_not_known_is_named()
    {
        var error = Assert.Throws<BatchFormatException>(() => BatchCodec.Decode([4, 0, 1, 0]));
        Assert.Contains("version 4", error.Message);
    }

    private static long[] Times { get; } =
        [.. Enumerable.Range(0, 24).Select(i => 1_700_000_000_000_000 + (i * 1_000_000L) + (i * i % 7))];

    // A short decimal, what is none, and what no number is: all that the forms of a column are for.
    private static double[] Decimals { get; } =
    [
        .. Enumerable.Range(0, 20).Select(i => 20 + (i * 7 % 11 / 100.0)),
        double.NaN, -0.0, 1.0 / 3, BitConverter.Int64BitsToDouble(0x7ff0000000000001),
    ];

    private static float[] Samples { get; } = [.. Enumerable.Range(0, 24).Select(i => (i * 13 % 17 / 8f) - 1)];

    private static RecordBatch Small()
    {
        var batch = new RecordBatch(RecordClass.Event);
        batch.AddReading(new ChannelName("door.open"), 5, 1);
        return batch;
    }

    private static RecordBatch Everything()
    {
        var batch = new RecordBatch(RecordClass.Telemetry);
        batch.AddReadings(new ChannelName("oil.temperature"), Times, Decimals);
        batch.AddReadings(new ChannelName("drive-end.rms"), Times, [.. Samples.Select(sample => (double)(sample / 3))]);
        batch.AddReadings(
            new ChannelName("drive-end.kurtosis"), Times, [.. Enumerable.Range(1, 24).Select(i => Math.Sqrt(i))]);
        batch.AddReadings(new ChannelName("parts.count"), [7, 9, 1], [4096, 8192, 1L << 52]);
        for (var i = 0; i < 3; i++)
        {
            batch.Verdicts.Add(new Verdict(new WorkloadId("bearing"), new ChannelName("drive-end"),
                new ModelReference("bearing-fault", "1.2.0"), i * 83, i == 1 ? "ball" : "normal", 0.25f * i,
                (Place)(i % 2), 900 + i, i == 2));
        }

        batch.Alarms.Add(new AlarmEvent("hot", new ChannelName("oil.temperature"), AlarmSeverity.Critical,
            AlarmTransition.Raised, 77, 91.5, "oil above 90 °C"));
        batch.RawWindows.Add(new RawWindow(new ChannelName("drive-end"), 78, 12_000, Samples, "hot"));
        batch.Gaps.Add(new Gap(RecordClass.Bulk, 3, 9, 700, 79, "full"));
        return batch;
    }
}
