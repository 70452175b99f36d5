using LeptonEdge.Serving;
using LeptonEdge.Serving.Models;
using LeptonEdge.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace LeptonEdge.Tests.Serving;

/// <summary>What a plan is told of models that are, were and may not be in memory.</summary>
public sealed class KnownModelTests
{
    private const long Limit = 64L * 1024 * 1024 * 1024;

    [Fact]
    public async Task A_model_that_made_room_for_another_asks_for_its_memory_again()
    {
        using var models = await OpenAsync(modelsMax: 1, Limit);
        (await models.EnterAsync("bearing-fault", "", CancellationToken.None)).Leave();
        Assert.Equal(0, models.Known("bearing-fault")!.MemoryBytes);
        (await models.EnterAsync("bearing-fault-large", "", CancellationToken.None)).Leave();
        Assert.Null(models.Find("bearing-fault", ""));
        var known = models.Known("bearing-fault")!;
        Assert.True(known.MemoryBytes > 0);
        Assert.True(known.Cost.MeanSeconds > 0);
        Assert.InRange(models.MemoryLeft, 1, Limit);
    }

    [Fact]
    public async Task What_was_never_in_memory_or_an_operator_took_away_is_not_known()
    {
        using var models = await OpenAsync(modelsMax: 8, null);
        Assert.Null(models.Known("bearing-fault"));
        Assert.Null(models.Known("no-such-model"));
        (await models.EnterAsync("bearing-fault", "", CancellationToken.None)).Leave();
        Assert.NotNull(models.Known("bearing-fault"));
        await models.UnloadAsync("bearing-fault", CancellationToken.None);
        Assert.Null(models.Known("bearing-fault"));
        Assert.Equal(double.PositiveInfinity, models.MemoryLeft);
    }

    private static Task<ModelRepository> OpenAsync(int modelsMax, long? limit) => ModelRepository.OpenAsync(
        new ServingOptions
        {
            ServerName = "test", ServerVersion = "1", Preload = static _ => false, ModelsMax = modelsMax,
            ModelsFolder = Path.Combine(Requires.RepositoryRoot, "firmware-config", "models"), MemoryBytesMax = limit,
        },
        TimeProvider.System, NullLogger.Instance);
}
