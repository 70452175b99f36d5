using System.Runtime.InteropServices;

namespace Microsoft.ML.OnnxRuntime.Native;

/// <summary>Lays out the arguments of one native run on the stack.</summary>
internal static unsafe class RunCall
{
    // The arguments lie on the stack, so their number has a limit; no model that we know comes near it.
    private const int ValuesMax = 4096;

    public static void CheckCount(int count)
    {
        if (count > ValuesMax)
            throw new ArgumentException($"{count} values in one run; at most {ValuesMax} are supported");
    }

    public static void Fill(IReadOnlyCollection<OrtValue> values, nint* handles)
    {
        if (values is IReadOnlyList<OrtValue> list)
        {
            for (var i = 0; i < list.Count; i++)
                handles[i] = list[i].Handle;
            return;
        }
        foreach (var value in values)
            *handles++ = value.Handle;
    }

    /// <summary>The names as UTF-8: the session's own copy where it has one, else a fresh one.</summary>
    public static void Fill(
        SessionNodes nodes, SessionNodes? more, IReadOnlyCollection<string> names, byte** utf8)
    {
        new Span<nint>(utf8, names.Count).Clear();
        if (names is IReadOnlyList<string> list)
        {
            for (var i = 0; i < list.Count; i++)
                utf8[i] = ToUtf8(nodes, more, list[i]);
            return;
        }
        foreach (var name in names)
            *utf8++ = ToUtf8(nodes, more, name);
    }

    /// <summary>Frees the fresh copies among <paramref name="utf8"/>.</summary>
    public static void Free(SessionNodes nodes, SessionNodes? more, byte** utf8, int count)
    {
        for (var i = 0; i < count; i++)
        {
            if (utf8[i] != null && !nodes.Owns(utf8[i]) && more?.Owns(utf8[i]) != true)
                Marshal.FreeCoTaskMem((nint)utf8[i]);
        }
    }

    private static byte* ToUtf8(SessionNodes nodes, SessionNodes? more, string name)
    {
        var known = nodes.Find(name);
        if (known == null && more is not null)
            known = more.Find(name);
        return known != null ? known : new Utf8(name).Pointer;
    }
}
