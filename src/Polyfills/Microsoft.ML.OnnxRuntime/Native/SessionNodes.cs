using System.Runtime.InteropServices;

namespace Microsoft.ML.OnnxRuntime.Native;

/// <summary>Inputs, outputs or initializers of a session: names (managed and UTF-8) and metadata.</summary>
internal sealed unsafe class SessionNodes : IDisposable
{
    private readonly string[] _names;
    private readonly byte*[] _utf8;
    private readonly Dictionary<string, NodeMetadata> _metadata;

    public SessionNodes(
        nint session,
        delegate* unmanaged<nint, nuint*, nint> getCount,
        delegate* unmanaged<nint, nuint, nint, byte**, nint> getName,
        delegate* unmanaged<nint, nuint, nint*, nint> getTypeInfo)
    {
        nuint count;
        Status.Check(getCount(session, &count));
        _names = new string[count];
        _utf8 = new byte*[count];
        _metadata = new Dictionary<string, NodeMetadata>((int)count);
        for (nuint i = 0; i < count; i++)
        {
            byte* name;
            Status.Check(getName(session, i, OrtAllocator.DefaultInstance.Pointer, &name));
            _names[i] = Utf8.Take(name);
            _utf8[i] = new Utf8(_names[i]).Pointer;
            _metadata[_names[i]] = ReadMetadata(session, i, getTypeInfo);
        }
    }

    public IReadOnlyList<string> Names => _names;

    public IReadOnlyDictionary<string, NodeMetadata> Metadata => _metadata;

    /// <summary>The node's name for a native call; null if this side of the model has no such node.</summary>
    public byte* Find(string name)
    {
        // Models have a handful of inputs and outputs: comparing is quicker than hashing.
        for (var i = 0; i < _names.Length; i++)
        {
            if (ReferenceEquals(_names[i], name) || _names[i] == name)
                return _utf8[i];
        }
        return null;
    }

    public bool Owns(byte* name)
    {
        foreach (var own in _utf8)
        {
            if (own == name)
                return true;
        }
        return false;
    }

    public void Dispose()
    {
        foreach (var name in _utf8)
            Marshal.FreeCoTaskMem((nint)name);
    }

    private static NodeMetadata ReadMetadata(
        nint session, nuint index, delegate* unmanaged<nint, nuint, nint*, nint> getTypeInfo)
    {
        nint typeInfo;
        Status.Check(getTypeInfo(session, index, &typeInfo));
        try
        {
            return new NodeMetadata(typeInfo);
        }
        finally
        {
            OrtLibrary.Api->ReleaseTypeInfo(typeInfo);
        }
    }
}
