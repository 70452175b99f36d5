using System.Device.Gpio;
using System.Device.Gpio.Drivers;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LeptonEdge.Tests.Support;

namespace LeptonEdge.Tests.Polyfills.Gpio;

public sealed class GpioTests
{
    /// <summary>Sizes, offsets and request numbers as the C compiler reads them from the kernel's own header.</summary>
    [PeerFact("gcc")]
    public async Task Our_structures_are_the_kernels()
    {
        var expected = new SortedDictionary<string, long>
        {
            ["sizeof(struct gpiochip_info)"] = Unsafe.SizeOf<GpioV2.ChipInfo>(),
            ["sizeof(struct gpio_v2_line_request)"] = Unsafe.SizeOf<GpioV2.LineRequest>(),
            ["sizeof(struct gpio_v2_line_config)"] = Unsafe.SizeOf<GpioV2.LineConfig>(),
            ["sizeof(struct gpio_v2_line_info)"] = Unsafe.SizeOf<GpioV2.LineInfo>(),
            ["sizeof(struct gpio_v2_line_values)"] = Unsafe.SizeOf<GpioV2.LineValues>(),
            ["sizeof(struct gpio_v2_line_event)"] = Unsafe.SizeOf<GpioV2.LineEvent>(),
            ["offsetof(struct gpiochip_info, lines)"] = Offset<GpioV2.ChipInfo>("Lines"),
            ["offsetof(struct gpio_v2_line_request, consumer)"] = Offset<GpioV2.LineRequest>("Consumer"),
            ["offsetof(struct gpio_v2_line_request, config)"] = Offset<GpioV2.LineRequest>("Config"),
            ["offsetof(struct gpio_v2_line_request, num_lines)"] = Offset<GpioV2.LineRequest>("LineCount"),
            ["offsetof(struct gpio_v2_line_request, fd)"] = Offset<GpioV2.LineRequest>("FileDescriptor"),
            ["offsetof(struct gpio_v2_line_config, attrs)"] = Offset<GpioV2.LineConfig>("Attributes"),
            ["offsetof(struct gpio_v2_line_config_attribute, mask)"] = Offset<GpioV2.ConfigAttribute>("Mask"),
            ["offsetof(struct gpio_v2_line_info, offset)"] = Offset<GpioV2.LineInfo>("Offset"),
            ["offsetof(struct gpio_v2_line_info, flags)"] = Offset<GpioV2.LineInfo>("Flags"),
            ["offsetof(struct gpio_v2_line_event, id)"] = Offset<GpioV2.LineEvent>("Id"),
            ["offsetof(struct gpio_v2_line_values, mask)"] = Offset<GpioV2.LineValues>("Mask"),
            ["GPIO_GET_CHIPINFO_IOCTL"] = GpioV2.GetChipInfo,
            ["GPIO_V2_GET_LINEINFO_IOCTL"] = GpioV2.GetLineInfo,
            ["GPIO_V2_GET_LINE_IOCTL"] = GpioV2.GetLine,
            ["GPIO_V2_LINE_SET_CONFIG_IOCTL"] = GpioV2.SetConfig,
            ["GPIO_V2_LINE_GET_VALUES_IOCTL"] = GpioV2.GetValues,
            ["GPIO_V2_LINE_SET_VALUES_IOCTL"] = GpioV2.SetValues,
            ["GPIO_V2_LINE_FLAG_INPUT"] = (long)GpioV2.FlagInput,
            ["GPIO_V2_LINE_FLAG_OUTPUT"] = (long)GpioV2.FlagOutput,
            ["GPIO_V2_LINE_FLAG_EDGE_RISING"] = (long)GpioV2.FlagEdgeRising,
            ["GPIO_V2_LINE_FLAG_EDGE_FALLING"] = (long)GpioV2.FlagEdgeFalling,
            ["GPIO_V2_LINE_FLAG_BIAS_PULL_UP"] = (long)GpioV2.FlagPullUp,
            ["GPIO_V2_LINE_FLAG_BIAS_PULL_DOWN"] = (long)GpioV2.FlagPullDown,
            ["GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES"] = GpioV2.AttributeOutputValues,
            ["GPIO_V2_LINE_EVENT_RISING_EDGE"] = GpioV2.EventRising,
            ["GPIO_V2_LINE_EVENT_FALLING_EDGE"] = GpioV2.EventFalling,
        };
        using var folder = new TempFolder();
        var prints = expected.Keys.Select(name => $"  printf(\"%lld\\n\", (long long)({name}));\n");
        await File.WriteAllTextAsync(folder.File("layout.c"),
            "#include <linux/gpio.h>\n#include <stddef.h>\n#include <stdio.h>\n#include <sys/ioctl.h>\n"
            + $"int main(void) {{\n{string.Concat(prints)}  return 0;\n}}\n");
        await RunAsync("gcc", "-o", folder.File("layout"), folder.File("layout.c"));
        var actual = (await RunAsync(folder.File("layout"))).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(expected.Select(entry => $"{entry.Key} {entry.Value}"),
            expected.Keys.Zip(actual, (name, value) => $"{name} {value}"));
    }

    [Fact]
    public void A_machine_without_that_chip_says_so_and_what_to_do()
    {
        var failure = Assert.Throws<IOException>(() => new GpioController(new LibGpiodDriver(4711)));
        Assert.Contains("/dev/gpiochip4711 does not exist", failure.Message, StringComparison.Ordinal);
        Assert.Contains("device tree", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_default_controller_opens_a_chip_or_names_the_one_it_missed()
    {
        try
        {
            using var controller = new GpioController();
            Assert.True(controller.PinCount > 0);
        }
        catch (IOException failure)
        {
            Assert.Contains("/dev/gpiochip", failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_file_that_is_no_chip_is_refused()
    {
        var failure = Assert.Throws<IOException>(() => new KernelChip("/dev/null"));
        Assert.Contains("/dev/null is no GPIO chip", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Levels_convert_and_invert()
    {
        PinValue on = true;
        Assert.Equal(PinValue.High, on);
        Assert.Equal(PinValue.Low, !on);
        Assert.Equal(1, (int)on);
        Assert.False((bool)(PinValue)0);
    }

    private static long Offset<T>(string field) => (long)Marshal.OffsetOf<T>(field);

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        return output;
    }
}
