using LeptonEdge.Agent.Status;

namespace LeptonEdge.Tests.Agent.Status;

public class WorkingSetTests
{
    [Fact]
    public void Only_code_that_is_unchanged_since_its_file_was_read_is_let_go()
    {
        string[] smaps =
        [
            "7f0000000000-7f0000010000 r-xp 00000000 08:01 1    /usr/lib/unchanged.so",
            "Rss:                  64 kB",
            "Anonymous:             0 kB",
            "7f0000010000-7f0000020000 r-xp 00000000 08:01 2    /usr/lib/relocated.so",
            "Anonymous:             4 kB",
            "7f0000020000-7f0000030000 rw-p 00000000 08:01 3    /usr/lib/data.so",
            "Anonymous:             0 kB",
            "7f0000030000-7f0000040000 r-xp 00000000 00:01 4    /memfd:doublemapper (deleted)",
            "Anonymous:             0 kB",
            "7f0000040000-7f0000050000 r-xp 00000000 00:00 0    [vdso]",
            "Anonymous:             0 kB",
        ];

        var found = Assert.Single(WorkingSet.UnchangedFileMappings(smaps));
        Assert.Equal((0x7f0000000000ul, 0x10000ul), ((ulong)found.Start, (ulong)found.Length));
    }

    [Fact]
    public void The_process_works_on_after_its_idle_code_was_unmapped()
    {
        var let = WorkingSet.UnmapIdleCode();
        WorkingSet.Compact();

        Assert.True(let > 0, "nothing was let go");
        Assert.Equal(3, Enumerable.Range(0, 3).Select(i => i.ToString()).Distinct().Count());
    }
}
