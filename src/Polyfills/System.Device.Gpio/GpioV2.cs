using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace System.Device.Gpio.Drivers;

/// <summary>The structures and request numbers of version 2 of the kernel's GPIO interface.</summary>
/// <remarks>linux/gpio.h, since Linux 5.10. All fields little- or big-endian as the machine is.</remarks>
internal static class GpioV2
{
    public const int LinesMax = 64;
    public const int AttributesMax = 10;

    public const ulong FlagInput = 1 << 2;
    public const ulong FlagOutput = 1 << 3;
    public const ulong FlagEdgeRising = 1 << 4;
    public const ulong FlagEdgeFalling = 1 << 5;
    public const ulong FlagPullUp = 1 << 8;
    public const ulong FlagPullDown = 1 << 9;

    public const uint AttributeOutputValues = 2;

    public const uint EventRising = 1;
    public const uint EventFalling = 2;

    private const uint Read = 2;
    private const uint ReadWrite = 3;

    public static uint GetChipInfo => Number<ChipInfo>(Read, 0x01);

    public static uint GetLineInfo => Number<LineInfo>(ReadWrite, 0x05);

    public static uint GetLine => Number<LineRequest>(ReadWrite, 0x07);

    public static uint SetConfig => Number<LineConfig>(ReadWrite, 0x0D);

    public static uint GetValues => Number<LineValues>(ReadWrite, 0x0E);

    public static uint SetValues => Number<LineValues>(ReadWrite, 0x0F);

    // _IOC of asm-generic/ioctl.h: direction, size, type 0xB4, number. x86, ARM and RISC-V share it.
    private static uint Number<T>(uint direction, uint number)
        where T : unmanaged => direction << 30 | (uint)Unsafe.SizeOf<T>() << 16 | 0xB4u << 8 | number;

    [InlineArray(32)]
    public struct Name
    {
        private byte _first;

        public override readonly string ToString()
        {
            ReadOnlySpan<byte> bytes = this;
            var end = bytes.IndexOf((byte)0);
            return Text.Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
        }
    }

    [InlineArray(LinesMax)]
    public struct Offsets
    {
        private uint _first;
    }

    [InlineArray(AttributesMax)]
    public struct ConfigAttributes
    {
        private ConfigAttribute _first;
    }

    [InlineArray(AttributesMax)]
    public struct Attributes
    {
        private Attribute _first;
    }

    [InlineArray(4)]
    public struct Padding4
    {
        private uint _first;
    }

    [InlineArray(5)]
    public struct Padding5
    {
        private uint _first;
    }

    [InlineArray(6)]
    public struct Padding6
    {
        private uint _first;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct ChipInfo
    {
        public Name Name;
        public Name Label;
        public uint Lines;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct Attribute
    {
        public uint Id;
        public uint Padding;
        /// <summary>Flags, values or a debounce period, as the id says.</summary>
        public ulong Value;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct ConfigAttribute
    {
        public Attribute Attribute;
        public ulong Mask;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct LineConfig
    {
        public ulong Flags;
        public uint AttributeCount;
        public Padding5 Padding;
        public ConfigAttributes Attributes;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct LineRequest
    {
        public Offsets Offsets;
        public Name Consumer;
        public LineConfig Config;
        public uint LineCount;
        public uint EventBufferSize;
        public Padding5 Padding;
        public int FileDescriptor;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct LineInfo
    {
        public Name Name;
        public Name Consumer;
        public uint Offset;
        public uint AttributeCount;
        public ulong Flags;
        public Attributes Attributes;
        public Padding4 Padding;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct LineValues
    {
        public ulong Bits;
        public ulong Mask;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct LineEvent
    {
        public ulong TimestampNs;
        public uint Id;
        public uint Offset;
        public uint Sequence;
        public uint LineSequence;
        public Padding6 Padding;
    }
}
