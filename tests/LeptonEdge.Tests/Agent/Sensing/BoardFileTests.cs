using LeptonEdge.Tests.Support;
using YamlDotNet.Serialization;

namespace LeptonEdge.Tests.Agent.Sensing;

public class BoardFileTests
{
    public static TheoryData<string> Boards =>
        [.. Directory.GetFiles(Path.Combine(Requires.RepositoryRoot, "firmware-config", "boards"), "*.yaml")];

    [Theory]
    [MemberData(nameof(Boards))]
    public void A_board_file_names_its_board_and_only_drivers_that_exist(string path)
    {
        var board = new DeserializerBuilder().Build().Deserialize<Dictionary<string, object>>(File.ReadAllText(path));

        Assert.Equal(Path.GetFileNameWithoutExtension(path), board["board"]);
        Assert.Empty(board.Keys.Except(["board", "lane", "sensors"]));
        var drivers = ((List<object>)board["sensors"]).Select(sensor =>
            ((Dictionary<object, object>)sensor)["driver"]);
        Assert.Empty(drivers.Except(["host", "replay", "csv", "simulated-bearing", "gpio-in"]));
    }
}
