using System.Collections;
using System.Text;

namespace Grpc.Core;

/// <summary>Headers or trailers of a call, in order; a key may occur more than once.</summary>
public sealed class Metadata : IList<Metadata.Entry>
{
    /// <summary>Keys that end so carry bytes, all others printable ASCII.</summary>
    public const string BinaryHeaderSuffix = "-bin";

    public static readonly Metadata Empty = new(readOnly: true);

    /// <summary>A client's request header of this key chooses the encoding of its messages and is not sent.</summary>
    internal const string CompressionRequestAlgorithmMetadataKey = "grpc-internal-encoding-request";

    private readonly List<Entry> _entries = [];

    public Metadata()
    {
    }

    private Metadata(bool readOnly) => IsReadOnly = readOnly;

    public int Count => _entries.Count;

    public bool IsReadOnly { get; }

    public Entry this[int index]
    {
        get => _entries[index];
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            CheckWritable();
            _entries[index] = value;
        }
    }

    /// <summary>The last entry of that key, in any letter case; null if there is none.</summary>
    public Entry? Get(string key) => _entries.FindLast(entry => entry.Is(key));

    /// <exception cref="InvalidOperationException">The entry is binary.</exception>
    public string? GetValue(string key) => Get(key)?.Value;

    public byte[]? GetValueBytes(string key) => Get(key)?.ValueBytes;

    public IEnumerable<Entry> GetAll(string key) => _entries.Where(entry => entry.Is(key));

    public void Add(string key, string value) => Add(new Entry(key, value));

    public void Add(string key, byte[] valueBytes) => Add(new Entry(key, valueBytes));

    public void Add(Entry item)
    {
        ArgumentNullException.ThrowIfNull(item);
        CheckWritable();
        _entries.Add(item);
    }

    public void Insert(int index, Entry item)
    {
        ArgumentNullException.ThrowIfNull(item);
        CheckWritable();
        _entries.Insert(index, item);
    }

    public void RemoveAt(int index)
    {
        CheckWritable();
        _entries.RemoveAt(index);
    }

    public bool Remove(Entry item)
    {
        CheckWritable();
        return _entries.Remove(item);
    }

    public void Clear()
    {
        CheckWritable();
        _entries.Clear();
    }

    public int IndexOf(Entry item) => _entries.IndexOf(item);

    public bool Contains(Entry item) => _entries.Contains(item);

    public void CopyTo(Entry[] array, int arrayIndex) => _entries.CopyTo(array, arrayIndex);

    public IEnumerator<Entry> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _entries.GetEnumerator();

    private void CheckWritable()
    {
        if (IsReadOnly)
            throw new InvalidOperationException("Object is read only");
    }

    /// <summary>One key with its text or bytes.</summary>
    public class Entry
    {
        private readonly string? _value;
        private readonly byte[]? _valueBytes;

        /// <exception cref="ArgumentException">The key is not valid or lacks the suffix <c>-bin</c>.</exception>
        public Entry(string key, byte[] valueBytes)
        {
            ArgumentNullException.ThrowIfNull(valueBytes);
            Key = Normalize(key);
            if (!HasBinarySuffix(Key))
                throw new ArgumentException($"Key '{key}' carries bytes: end it with '-bin'.", nameof(key));
            _valueBytes = [.. valueBytes];
        }

        /// <exception cref="ArgumentException">The key is not valid or ends with <c>-bin</c>.</exception>
        public Entry(string key, string value)
        {
            ArgumentNullException.ThrowIfNull(value);
            Key = Normalize(key);
            if (HasBinarySuffix(Key))
                throw new ArgumentException($"Key '{key}' carries text: it must not end with '-bin'.", nameof(key));
            _value = value;
        }

        public string Key { get; }

        public bool IsBinary => _value is null;

        public string Value =>
            _value ?? throw new InvalidOperationException("Cannot access string value of a binary metadata entry");

        /// <summary>A copy of the bytes; of a text entry, its ASCII bytes.</summary>
        public byte[] ValueBytes => _valueBytes is null ? Encoding.ASCII.GetBytes(_value!) : [.. _valueBytes];

        public override string ToString() => IsBinary
            ? $"[Entry: key={Key}, valueBytes={_valueBytes}]"
            : $"[Entry: key={Key}, value={_value}]";

        internal ReadOnlySpan<byte> RawBytes => _valueBytes;

        internal bool Is(string key) => string.Equals(Key, key, StringComparison.OrdinalIgnoreCase);

        internal static bool HasBinarySuffix(string key) =>
            key.EndsWith(BinaryHeaderSuffix, StringComparison.OrdinalIgnoreCase);

        internal static bool IsValidKey(string key)
        {
            foreach (var letter in key)
            {
                if (!char.IsAsciiLetterOrDigit(letter) && letter is not ('.' or '_' or '-'))
                    return false;
            }
            return true;
        }

        private static string Normalize(string key)
        {
            ArgumentNullException.ThrowIfNull(key);
            if (!IsValidKey(key))
            {
                throw new ArgumentException(
                    $"Metadata entry key '{key}' not valid. Keys can only contain lowercase alphanumeric characters, "
                    + "underscores, hyphens and dots.", nameof(key));
            }
            // Returns the same instance when it is lower case already.
            return key.ToLowerInvariant();
        }
    }
}
