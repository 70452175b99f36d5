using Microsoft.ML.OnnxRuntime.Native;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>Who made a model, and what they say of it.</summary>
public sealed unsafe class ModelMetadata
{
    internal ModelMetadata(nint session)
    {
        var api = OrtLibrary.Api;
        var allocator = OrtAllocator.DefaultInstance.Pointer;
        nint metadata;
        Status.Check(api->SessionGetModelMetadata(session, &metadata));
        try
        {
            ProducerName = Read(metadata, allocator, api->ModelMetadataGetProducerName);
            GraphName = Read(metadata, allocator, api->ModelMetadataGetGraphName);
            Domain = Read(metadata, allocator, api->ModelMetadataGetDomain);
            Description = Read(metadata, allocator, api->ModelMetadataGetDescription);
            GraphDescription = Read(metadata, allocator, api->ModelMetadataGetGraphDescription);
            long version;
            Status.Check(api->ModelMetadataGetVersion(metadata, &version));
            Version = version;
            CustomMetadataMap = ReadCustom(api, metadata, allocator);
        }
        finally
        {
            api->ReleaseModelMetadata(metadata);
        }
    }

    public string ProducerName { get; }

    public string GraphName { get; }

    public string Domain { get; }

    public string Description { get; }

    public string GraphDescription { get; }

    public long Version { get; }

    public Dictionary<string, string> CustomMetadataMap { get; }

    private static string Read(
        nint metadata, nint allocator, delegate* unmanaged<nint, nint, byte**, nint> get)
    {
        byte* text;
        Status.Check(get(metadata, allocator, &text));
        return Utf8.Take(text);
    }

    private static Dictionary<string, string> ReadCustom(OrtApi* api, nint metadata, nint allocator)
    {
        byte** keys;
        long count;
        Status.Check(api->ModelMetadataGetCustomMetadataMapKeys(metadata, allocator, &keys, &count));
        var map = new Dictionary<string, string>();
        for (long i = 0; i < count; i++)
        {
            byte* value;
            Status.Check(api->ModelMetadataLookupCustomMetadataMap(metadata, allocator, keys[i], &value));
            map[Utf8.Take(keys[i])] = Utf8.Take(value);
        }
        if (keys != null)
            Status.Check(api->AllocatorFree(allocator, keys));
        return map;
    }
}
