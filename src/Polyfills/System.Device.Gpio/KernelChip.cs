using System.Globalization;
using System.Runtime.InteropServices;

namespace System.Device.Gpio.Drivers;

/// <summary>One <c>/dev/gpiochipN</c>.</summary>
internal sealed unsafe partial class KernelChip : IDisposable
{
    private const int OpenReadWriteCloseOnExec = 0x2 | 0x80000;
    private const int NotPermitted = 1;
    private const int NoEntry = 2;
    private const int NoAccess = 13;
    private const int Busy = 16;
    private const int InvalidArgument = 22;
    private const short PollIn = 1;

    private int _file;

    public KernelChip(string path)
    {
        Path = path;
        _file = Open(path, OpenReadWriteCloseOnExec);
        if (_file < 0)
            throw CannotOpen(path, Marshal.GetLastPInvokeError());
        GpioV2.ChipInfo info;
        if (Control(_file, GpioV2.GetChipInfo, &info) < 0)
        {
            var error = Marshal.GetLastPInvokeError();
            Dispose();
            throw new IOException($"{path} is no GPIO chip: {Marshal.GetPInvokeErrorMessage(error)}");
        }
        (Label, LineCount) = (info.Label.ToString(), (int)info.Lines);
    }

    public string Path { get; }

    public string Label { get; }

    public int LineCount { get; }

    /// <summary>The number of the chip whose pins are the board's header.</summary>
    /// <remarks>On some boards (Raspberry Pi 5) an expander is chip 0, and the header's chip is a "pinctrl-…" behind
    /// it.</remarks>
    public static int FindHeaderChip()
    {
        const string prefix = "/dev/gpiochip";
        var numbers = Directory.EnumerateFiles("/dev", "gpiochip*")
            .Select(path => int.TryParse(path[prefix.Length..], CultureInfo.InvariantCulture, out var n) ? n : -1)
            .Where(number => number >= 0)
            .Order()
            .ToArray();
        foreach (var number in numbers)
        {
            using var chip = new KernelChip($"{prefix}{number}");
            if (chip.Label.StartsWith("pinctrl-", StringComparison.Ordinal))
                return number;
        }
        return numbers.FirstOrDefault();
    }

    /// <summary>Whether the line exists and which mode it is in.</summary>
    public GpioV2.LineInfo Inspect(int line)
    {
        var info = new GpioV2.LineInfo { Offset = (uint)line };
        if (line < 0 || line >= LineCount || Control(_file, GpioV2.GetLineInfo, &info) < 0)
            throw new ArgumentException($"{Path} ({Label}) has lines 0 to {LineCount - 1}: there is no line {line}.");
        return info;
    }

    /// <summary>Takes a line for this process; the result is the line's own file.</summary>
    public KernelLine Request(int line, GpioV2.LineConfig config)
    {
        var request = new GpioV2.LineRequest { Config = config, LineCount = 1 };
        request.Offsets[0] = (uint)line;
        "leptonedge"u8.CopyTo(request.Consumer);
        if (Control(_file, GpioV2.GetLine, &request) < 0)
        {
            var error = Marshal.GetLastPInvokeError();
            var why = error == Busy
                ? $"it is in use by '{Inspect(line).Consumer}': stop that program, or choose another line"
                : Marshal.GetPInvokeErrorMessage(error);
            throw new IOException($"Line {line} of {Path} ({Label}) could not be requested: {why}.");
        }
        return new KernelLine($"line {line} of {Path}", request.FileDescriptor);
    }

    public void Dispose()
    {
        if (_file >= 0)
            Close(_file);
        _file = -1;
    }

    private static IOException CannotOpen(string path, int error) => new(error switch
    {
        NoEntry => $"{path} does not exist: this machine has no GPIO chip, or its driver is not loaded. "
            + "Enable GPIO in the board's device tree, or remove the GPIO channels and actuators "
            + "from the configuration.",
        NotPermitted or NoAccess => $"{path} may not be opened by this user: add it to the group 'gpio', or allow the "
            + "device in the unit (DeviceAllow=char-gpiochip rw).",
        _ => $"{path} could not be opened: {Marshal.GetPInvokeErrorMessage(error)}",
    });

    /// <summary>A line that this process holds, until disposed.</summary>
    internal sealed class KernelLine(string name, int file) : IDisposable
    {
        private int _file = file;

        public void Configure(GpioV2.LineConfig config)
        {
            if (Control(_file, GpioV2.SetConfig, &config) < 0)
                throw Failed("configured");
        }

        public bool Read()
        {
            var values = new GpioV2.LineValues { Mask = 1 };
            if (Control(_file, GpioV2.GetValues, &values) < 0)
                throw Failed("read");
            return (values.Bits & 1) != 0;
        }

        public void Write(bool high)
        {
            var values = new GpioV2.LineValues { Mask = 1, Bits = high ? 1UL : 0 };
            if (Control(_file, GpioV2.SetValues, &values) < 0)
                throw Failed("written");
        }

        /// <summary>The next change, or null when none came in time.</summary>
        public GpioV2.LineEvent? Wait(int millisecondsMax)
        {
            var poll = new PollRequest { File = _file, Events = PollIn };
            if (Poll(&poll, 1, millisecondsMax) <= 0)
                return null;
            GpioV2.LineEvent change;
            var size = sizeof(GpioV2.LineEvent);
            return ReadFile(_file, &change, (nuint)size) == size ? change : null;
        }

        public void Dispose()
        {
            if (_file >= 0)
                Close(_file);
            _file = -1;
        }

        private IOException Failed(string what)
        {
            var error = Marshal.GetLastPInvokeError();
            var hint = error == InvalidArgument ? " (the hardware does not support this mode)" : "";
            return new IOException($"{name} could not be {what}: {Marshal.GetPInvokeErrorMessage(error)}{hint}");
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PollRequest
    {
        public int File;
        public short Events;
        public short Returned;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(int file, nuint request, void* argument);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(PollRequest* requests, nuint count, int millisecondsMax);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint ReadFile(int file, void* buffer, nuint length);
}
