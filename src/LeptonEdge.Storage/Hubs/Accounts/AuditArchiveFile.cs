using System.IO.Compression;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using LeptonEdge.Storage.Sqlite;

namespace LeptonEdge.Storage.Hubs.Accounts;

/// <summary>Entries as lines of JSON, in gzip: sequence, timeMicros, the eight texts by the names of their columns, and the
/// hash in hexadecimal.</summary>
internal static class AuditArchiveFile
{
    private const int LineMax = 1 << 20;

    private static readonly string[] s_texts =
        ["actor", "kind", "address", "action", "target", "outcome", "before", "after"];

    private static readonly JsonWriterOptions s_plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes entries to their file; all of it is on the disk when this returns.</summary>
    /// <exception cref="HubStoreException">An entry is not as it was written, or the disk failed.</exception>
    public static AuditArchive Write(HubStore store, long first, int count)
    {
        var part = store.Path + ".audit-new";
        try
        {
            AuditArchive archive;
            using (var file = new FileStream(part, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                using (var packed = new GZipStream(file, CompressionLevel.Optimal, leaveOpen: true))
                    archive = store.Read(database => Write(database, first, count, packed));
                file.Flush(flushToDisk: true);
            }

            var path = archive.PathFor(store.Path);
            File.Move(part, path, overwrite: true);
            Database.SyncFolder(path);
            return archive;
        }
        catch (Exception fault) when (fault is IOException and not HubStoreException or UnauthorizedAccessException)
        {
            throw new HubStoreException(
                $"older audit entries could not be put into a file beside {store.Path}: {fault.Message}",
                HubStoreFault.Unavailable, fault);
        }
    }

    /// <summary>Its entries in order, as the hash is over them.</summary>
    /// <exception cref="InvalidDataException">A line is none, or the file is damaged.</exception>
    /// <exception cref="IOException">The file is not there, or cannot be read.</exception>
    public static IEnumerable<AuditLink> Read(string path)
    {
        using var file = File.OpenRead(path);
        using var packed = new GZipStream(file, CompressionMode.Decompress);
        using var lines = new StreamReader(packed, new UTF8Encoding(false, true), false, 64 * 1024);
        while (lines.ReadLine() is { } line)
            yield return Parse(line);
    }

    private static AuditArchive Write(Database database, long first, int count, Stream target)
    {
        var rows = database.Cached(
            $"SELECT {AuditQueries.Columns} FROM audit WHERE sequence >= ?1 ORDER BY sequence LIMIT ?2")
            .Bind(1, first).Bind(2, (long)count);
        var (hash, last) = (AuditArchives.LastHash(database), first - 1);
        using var json = new Utf8JsonWriter(target, s_plain);
        while (rows.Step())
        {
            var link = AuditLink.Of(rows);
            // What is not sound stays where it is seen.
            if (link.FaultAfter(last, hash) is { } fault)
                throw new HubStoreException($"audit entries stay in the store, for {fault}", HubStoreFault.Damaged);
            Write(json, link);
            target.WriteByte((byte)'\n');
            (hash, last) = (link.Hash, last + 1);
        }

        return new AuditArchive(first, last, hash);
    }

    private static void Write(Utf8JsonWriter json, AuditLink link)
    {
        json.WriteStartObject();
        json.WriteNumber("sequence", link.Sequence);
        json.WriteNumber("timeMicros", link.Time);
        for (var i = 0; i < s_texts.Length; i++)
        {
            if (link.Texts[i] is { } text)
                json.WriteString(s_texts[i], text);
            else
                json.WriteNull(s_texts[i]);
        }

        json.WriteString("hash", Convert.ToHexStringLower(link.Hash));
        json.WriteEndObject();
        json.Flush();
        json.Reset();
    }

    private static AuditLink Parse(string line)
    {
        try
        {
            if (line.Length > LineMax)
                throw new InvalidDataException("a line is longer than any entry");
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            return new AuditLink(
                root.GetProperty("sequence").GetInt64(), root.GetProperty("timeMicros").GetInt64(),
                [.. s_texts.Select(name => root.GetProperty(name).GetString() is { } text
                    ? Encoding.UTF8.GetBytes(text)
                    : null)],
                Convert.FromHexString(root.GetProperty("hash").GetString() ?? ""));
        }
        catch (Exception fault) when (
            fault is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException("a line is none of an entry", fault);
        }
    }
}
