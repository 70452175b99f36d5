using System.Diagnostics;
using System.Runtime.InteropServices;

namespace LeptonEdge.Hub.Jobs;

/// <summary>Where the hub writes that calls to models are under way, for the process that runs jobs to read: one page of
/// memory that both hold. A call costs two writes; nobody is woken.</summary>
/// <remarks>Not signals that stop and wake the process: those cost most just when a call comes, and a hub that is killed
/// would leave it stopped.</remarks>
internal sealed unsafe class CallBoard : IDisposable
{
    /// <summary>Descriptor of a board that no other process can read.</summary>
    public const int NoDescriptor = -1;

    private const nuint PageBytes = 4096;
    private const int ReadWrite = 3; // PROT_READ | PROT_WRITE
    private const int Shared = 1; // MAP_SHARED

    // Each on a cache line of its own.
    private const int UnderWayAt = 0;
    private const int LastAt = 8;

    private readonly long* _page;
    private int _descriptor;

    private CallBoard(long* page, int descriptor)
    {
        _page = page;
        _descriptor = descriptor;
    }

    /// <summary>What a process that this one starts opens the board by.</summary>
    public int Descriptor => _descriptor;

    /// <summary>The hub's end. Where the system shares no memory, what is written is read by nobody.</summary>
    public static CallBoard Create()
    {
        if (OperatingSystem.IsLinux())
        {
            // Not closed on exec: the process that runs jobs takes it over.
            var descriptor = memfd_create("lepton-calls", 0);
            var page = descriptor >= 0 && ftruncate(descriptor, (nint)PageBytes) == 0 ? Map(descriptor) : null;
            if (page is not null)
                return new CallBoard(page, descriptor);
            if (descriptor >= 0)
                _ = close(descriptor);
        }

        return new CallBoard((long*)NativeMemory.AllocZeroed(PageBytes), NoDescriptor);
    }

    /// <summary>The other end.</summary>
    /// <exception cref="IOException">There is no such board.</exception>
    public static CallBoard Open(int descriptor)
    {
        var page = Map(descriptor);
        return page is not null
            ? new CallBoard(page, descriptor)
            : throw new IOException($"no board of calls at descriptor {descriptor}");
    }

    /// <summary>A call has come. Any thread.</summary>
    public void Begin()
    {
        Interlocked.Increment(ref _page[UnderWayAt]);
        Volatile.Write(ref _page[LastAt], Stopwatch.GetTimestamp());
    }

    /// <summary>A call that began has ended. Any thread.</summary>
    public void End()
    {
        Volatile.Write(ref _page[LastAt], Stopwatch.GetTimestamp());
        Interlocked.Decrement(ref _page[UnderWayAt]);
    }

    /// <summary>Whether a call is under way, and how long ago the last one began or ended.</summary>
    public (bool UnderWay, TimeSpan Since) Read()
    {
        var underWay = Volatile.Read(ref _page[UnderWayAt]) > 0;
        // The clock of the whole machine: both processes read the same.
        return (underWay, Stopwatch.GetElapsedTime(Volatile.Read(ref _page[LastAt])));
    }

    /// <summary>The page stays: a call that ends late may still write to it.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _descriptor, NoDescriptor) is >= 0 and var descriptor)
            _ = close(descriptor);
    }

    private static long* Map(int descriptor)
    {
        var page = mmap(0, PageBytes, ReadWrite, Shared, descriptor, 0);
        return page == -1 ? null : (long*)page;
    }

    [DllImport("libc", SetLastError = true, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int memfd_create([MarshalAs(UnmanagedType.LPStr)] string name, uint flags);

    [DllImport("libc", SetLastError = true)]
    private static extern int ftruncate(int descriptor, nint length);

    [DllImport("libc", SetLastError = true)]
    private static extern nint mmap(nint address, nuint length, int protection, int flags, int descriptor, nint offset);

    [DllImport("libc")]
    private static extern int close(int descriptor);
}
