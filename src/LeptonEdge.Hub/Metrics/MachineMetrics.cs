using LeptonEdge.Core.Metrics;
using LeptonEdge.Hub.Trust;

namespace LeptonEdge.Hub.Metrics;

/// <summary>The part of <c>/metrics</c> about the process, its disk and its certificates.</summary>
internal static class MachineMetrics
{
    public static void WriteProcess(IMetricSink sink, double startedSeconds) => sink
        .Gauge("process_resident_memory_bytes", "Resident memory.", Environment.WorkingSet)
        .Counter("process_cpu_seconds_total", "Processor time used.", Environment.CpuUsage.TotalTime.TotalSeconds)
        .Gauge("process_start_time_seconds", "Start of the process, seconds since 1970.", startedSeconds)
        .Gauge("dotnet_gc_heap_bytes", "Managed heap after the last collection.", GC.GetGCMemoryInfo().HeapSizeBytes)
        .Counter("dotnet_gc_collections_total", "Garbage collections of every generation.",
            GC.CollectionCount(0) + GC.CollectionCount(1) + GC.CollectionCount(2))
        .Counter("dotnet_gc_pause_seconds_total", "Time that collections stopped every thread.",
            GC.GetTotalPauseDuration().TotalSeconds)
        .Counter("dotnet_gc_allocated_bytes_total", "Bytes allocated.", GC.GetTotalAllocatedBytes())
        .Gauge("dotnet_threadpool_queue_length", "Work that waits for a thread.", ThreadPool.PendingWorkItemCount);

    public static void WriteDisk(IMetricSink sink, string folder, string store)
    {
        try
        {
            var drive = new DriveInfo(folder);
            sink.Gauge("lepton_hub_disk_size_bytes", "Size of the disk that holds the data folder.", drive.TotalSize)
                .Gauge("lepton_hub_disk_free_bytes", "What is free of it for the hub.", drive.AvailableFreeSpace)
                .Gauge("lepton_hub_store_bytes", "Size of the store's file and its log.",
                    SizeOf(store) + SizeOf(store + "-wal"));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // A disk that is away just now has no figures.
        }
    }

    public static void WriteCertificates(IMetricSink sink, FleetAuthority authority) => sink
        .Family("lepton_hub_certificate_expiry_timestamp_seconds", "When a certificate of the hub ends, since 1970.",
            MetricKind.Gauge)
        .Sample(Ends(authority.HubCertificate.NotAfter), ("certificate", "hub"))
        .Sample(Ends(authority.Certificate.NotAfter), ("certificate", "authority"));

    private static double Ends(DateTime notAfter) =>
        new DateTimeOffset(notAfter.ToUniversalTime()).ToUnixTimeSeconds();

    /// <summary>0 where there is no such file.</summary>
    public static long SizeOf(string file) => new FileInfo(file) is { Exists: true } found ? found.Length : 0;
}
