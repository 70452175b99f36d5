using System.IO.Compression;
using System.Buffers.Binary;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace LeptonEdge.SystemTests.Browser;

/// <summary>Where things stand: sites on the map, devices on a floor plan, and views and tags of the fleet.</summary>
[Collection(DashboardCollection.Name)]
public sealed class SiteTests(DashboardFixture dashboard)
{
    [BrowserFact]
    public async Task A_site_is_put_on_the_map_and_a_device_on_its_floor_plan()
    {
        await using var window = await dashboard.OpenAsync();
        var page = window.Page;
        await page.GotoAsync("/sites");
        await page.GetByRole(AriaRole.Button, new() { Name = "Set place south" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Title").FillAsync("Valve hall");
        await dialog.GetByLabel("Latitude").FillAsync("48.1374");
        await dialog.GetByLabel("Longitude").FillAsync("11.5755");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(dialog).ToBeHiddenAsync();
        await page.Locator(".map a", new() { HasText = "Valve hall" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Valve hall", Level = 1 })).ToBeVisibleAsync();

        await page.Locator("input[type=file]").SetInputFilesAsync(
            new FilePayload { Name = "hall.png", MimeType = "image/png", Buffer = Picture(400, 240) });
        await Expect(page.GetByRole(AriaRole.Img, new() { Name = "Floor plan of south" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = $"Place {DashboardSite.Pump}" }).ClickAsync();
        var plan = (await page.Locator(".plan").BoundingBoxAsync())!;
        await page.Mouse.ClickAsync(plan.X + (plan.Width * 0.25f), plan.Y + (plan.Height / 2));
        var mark = page.Locator(".plan .mark", new() { HasText = DashboardSite.Pump });
        await Expect(mark).ToBeVisibleAsync();
        await page.ReloadAsync();
        await Expect(mark).ToHaveAttributeAsync("style", new System.Text.RegularExpressions.Regex("left: 2[45]"));
        await page.ScreenshotAsync(new() { Path = Path.Combine(DashboardFixture.Pictures, "floor-plan.png") });
        await page.GotoAsync("/sites");
        await Expect(page.Locator(".map a", new() { HasText = "Valve hall" })).ToBeVisibleAsync();
        await page.ScreenshotAsync(new() { Path = Path.Combine(DashboardFixture.Pictures, "map.png") });
        window.AssertQuiet();
    }

    [BrowserFact]
    public async Task Chosen_devices_are_tagged_and_a_view_of_them_is_saved()
    {
        await using var window = await dashboard.OpenAsync();
        var page = window.Page;
        await page.GotoAsync("/fleet");
        await page.GetByLabel($"Select {DashboardSite.Press}").CheckAsync();
        await page.GetByLabel($"Select {DashboardSite.Pump}").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Tag…", Exact = true }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Tag", new() { Exact = true }).FillAsync("line-4");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Apply" }).ClickAsync();
        await Expect(page.GetByText("2 of 2 done")).ToBeVisibleAsync();
        await Expect(dialog).ToBeHiddenAsync();
        await page.GetByLabel("Tags").SelectOptionAsync("line-4");
        await Expect(page.GetByRole(AriaRole.Status).GetByText("2 of 3 devices")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Saved views" }).ClickAsync();
        await page.GetByRole(AriaRole.Menuitem, new() { Name = "Save this view" }).ClickAsync();
        await dialog.GetByLabel("Name of the view").FillAsync("Line four");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await page.GotoAsync("/fleet");
        await Expect(page.GetByText("3 of 3 devices")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Saved views" }).ClickAsync();
        await page.GetByRole(AriaRole.Menuitem, new() { Name = "Line four" }).First.ClickAsync();
        await Expect(page.GetByText("2 of 3 devices")).ToBeVisibleAsync();
        window.AssertQuiet();
    }

    /// <summary>A grey PNG with a darker frame (W3C PNG, 8 bits of grey).</summary>
    private static byte[] Picture(int width, int height)
    {
        using var rows = new MemoryStream();
        using (var packed = new ZLibStream(rows, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (var y = 0; y < height; y++)
            {
                packed.WriteByte(0);
                for (var x = 0; x < width; x++)
                    packed.WriteByte(x < 8 || y < 8 || x >= width - 8 || y >= height - 8 || x == width / 2 ? (byte)90 : (byte)225);
            }
        }

        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = 8;
        return [137, .. "PNG\r\n"u8, 26, 10, .. Chunk("IHDR"u8, header), .. Chunk("IDAT"u8, rows.ToArray()), .. Chunk("IEND"u8, [])];
    }

    private static byte[] Chunk(ReadOnlySpan<byte> kind, byte[] data)
    {
        byte[] body = [.. kind, .. data];
        var (length, sum) = (new byte[4], new byte[4]);
        BinaryPrimitives.WriteInt32BigEndian(length, data.Length);
        var crc = uint.MaxValue;
        foreach (var value in body)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
        }

        BinaryPrimitives.WriteUInt32BigEndian(sum, ~crc);
        return [.. length, .. body, .. sum];
    }
}
