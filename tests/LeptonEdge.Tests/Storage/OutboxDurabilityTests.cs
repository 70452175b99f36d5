using System.Buffers.Binary;
using System.Text;
using LeptonEdge.Core.Alarms;
using LeptonEdge.Core.Identity;
using LeptonEdge.Core.Records;
using LeptonEdge.Storage.Outboxes;
using LeptonEdge.Tests.Protocol;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Storage;

public sealed class OutboxDurabilityTests : IDisposable
{
    private readonly OutboxFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Every_append_that_a_killed_process_reported_is_there_afterwards()
    {
        ulong reported = 0;
        for (var round = 0; round < 3; round++)
        {
            using var child = ChildProcess.Start("append-until-killed", _fixture.Path);
            var target = reported + (ulong)(20 + 37 * round);
            while (reported < target)
            {
                var line = await child.StandardOutput.ReadLineAsync();
                if (line is null)
                    Assert.Fail(await child.StandardError.ReadToEndAsync());
                reported = ulong.Parse(line);
            }

            child.Kill();
            await child.WaitForExitAsync();
            while (await child.StandardOutput.ReadLineAsync() is { } line)
            {
                // The last line may be cut by the kill.
                if (ulong.TryParse(line, out var sequence) && sequence > reported)
                    reported = sequence;
            }

            Assert.NotEqual(0, child.ExitCode);
            using var outbox = _fixture.Open();
            Assert.Null(outbox.SetAside);
            Assert.True(
                outbox.LastSequence >= reported, $"{reported} appends were reported, {outbox.LastSequence} are there");
            var all = OutboxFixture.All(outbox);
            Assert.Equal((int)outbox.LastSequence, all.Count);
            Assert.All(all, batch => Assert.Equal(OutboxChild.Content(batch.Sequence), batch.Sealed));
            reported = outbox.LastSequence;
        }
    }

    [Fact]
    public void The_file_and_its_log_hold_no_plaintext()
    {
        const string Text = "PLAINTEXT-MARKER-spindle-on-fire";
        const double Value = 1234567.890625;
        var batch = new RecordBatch(RecordClass.Alarm);
        batch.AddReading(new ChannelName("plaintext-marker-channel"), 1_700_000_000_123_456, Value);
        batch.Alarms.Add(new AlarmEvent("plaintext-marker-rule", new ChannelName("plaintext-marker-channel"),
            AlarmSeverity.Critical, AlarmTransition.Raised, 1_700_000_000_123_456, Value, Text));
        using var outbox = _fixture.Open();
        for (var i = 0; i < 3; i++)
            _fixture.Append(outbox, batch);
        Search("while open");
        OutboxFixture.Trim(outbox, 1);
        outbox.Dispose();
        Search("after closing");

        void Search(string when)
        {
            var files = Directory.GetFiles(_fixture.Folder);
            Assert.NotEmpty(files);
            Assert.Contains(files, file => ReadShared(file).Length > 0);
            foreach (var file in files)
            {
                var bytes = ReadShared(file);
                foreach (var (name, needle) in Needles(Text, Value))
                    Assert.True(bytes.AsSpan().IndexOf(needle) < 0, $"{when}: {Path.GetFileName(file)} holds {name}");
            }
        }
    }

    [Fact]
    public void The_search_for_plaintext_finds_it_where_it_is()
    {
        foreach (var (_, needle) in Needles("text", 1.5))
            Assert.True(((byte[])[1, 2, .. needle, 3]).AsSpan().IndexOf(needle) == 2);
        using var outbox = _fixture.Open();
        outbox.State.Set("desired", Encoding.UTF8.GetBytes("not a record, not sealed"));
        Assert.Contains(Directory.GetFiles(_fixture.Folder),
            file => ReadShared(file).AsSpan().IndexOf("not a record"u8) >= 0);
    }

    [Theory]
    [InlineData("text")]
    [InlineData("foreign")]
    public void A_file_that_cannot_be_used_is_kept_aside_and_a_new_epoch_begins(string kind)
    {
        var epoch = Spoil(kind);
        var before = File.ReadAllBytes(_fixture.Path);
        var logger = new ListLogger();
        using var outbox = _fixture.Open(logger: logger);
        Assert.NotNull(outbox.SetAside);
        Assert.Equal(before, File.ReadAllBytes(outbox.SetAside.KeptAs));
        Assert.NotEqual(epoch, outbox.Epoch);
        var gap = Assert.Single(_fixture.Look(OutboxFixture.All(outbox)[0]).Batch.Gaps);
        Assert.Contains(outbox.SetAside.KeptAs, gap.Reason);
        Assert.Equal(2ul, _fixture.Append(outbox, RandomBatches.Readings(3)));
        var line = Assert.Single(logger.Lines);
        Assert.Contains(outbox.SetAside.KeptAs, line);
        Assert.Contains(outbox.SetAside.Reason, line);
    }

    [Fact]
    public void A_file_of_a_newer_version_is_left_alone_with_a_clear_error()
    {
        _fixture.Open().Dispose();
        Execute("PRAGMA user_version = 99; UPDATE line SET content = x'63'");
        var error = Assert.Throws<OutboxException>(() => _fixture.Open());
        Assert.Contains("newer version", error.Message);
        Assert.True(File.Exists(_fixture.Path));
    }

    private static IEnumerable<(string Name, byte[] Bytes)> Needles(string text, double value)
    {
        var little = new byte[8];
        var big = new byte[8];
        var single = new byte[4];
        BinaryPrimitives.WriteDoubleLittleEndian(little, value);
        BinaryPrimitives.WriteDoubleBigEndian(big, value);
        BinaryPrimitives.WriteSingleLittleEndian(single, (float)value);
        yield return ("the text as UTF-8", Encoding.UTF8.GetBytes(text));
        yield return ("the text as UTF-16", Encoding.Unicode.GetBytes(text));
        yield return ("the channel", "plaintext-marker"u8.ToArray());
        yield return ("the value, little-endian", little);
        yield return ("the value, big-endian", big);
        yield return ("the value, single precision", single);
        yield return ("the value as digits", Encoding.UTF8.GetBytes(value.ToString("R")));
    }

    /// <summary>The outbox holds its file locked, but not against readers of bytes.</summary>
    private static byte[] ReadShared(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private ulong Spoil(string kind)
    {
        if (kind == "text")
        {
            File.WriteAllText(_fixture.Path, string.Concat(Enumerable.Repeat("this is not a database\n", 400)));
            return 0;
        }

        if (kind == "foreign")
        {
            Execute("CREATE TABLE recipes (name TEXT); INSERT INTO recipes VALUES ('soup')");
            return 0;
        }

        throw new ArgumentException(kind);
    }

    private void Execute(string sql)
    {
        SQLitePCL.Batteries_V2.Init();
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={_fixture.Path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
