using System.Text.Json;
using LeptonEdge.Hub.Api;
using LeptonEdge.Hub.Api.Models;

namespace LeptonEdge.Tests.Hub.Api;

/// <summary>What of a bundle's model card is shown.</summary>
public sealed class ModelFiguresTests
{
    [Fact]
    public void Figures_are_told_by_variant_and_the_split_that_is_shipped_is_marked()
    {
        var card = JsonDocument.Parse("""
            {
              "shipped_split": "load", "fp32_microseconds": 20, "int8_microseconds": 5,
              "splits": [
                { "name": "load", "description": "by load", "windows": 12, "fp32_accuracy": 0.75, "int8_accuracy": 0.5,
                  "int8_confusion": [[1]], "labelled": 3 },
                { "name": "other", "int8_f1": 0.25 }
              ]
            }
            """).RootElement;
        var splits = ModelFigures.Splits(card);
        Assert.Equal(["load", "other"], splits.Select(split => split.Name));
        Assert.Equal((true, 12.0, "by load"), (splits[0].Shipped, splits[0].Windows, splits[0].Description));
        Assert.Equal([new ModelFigure("accuracy", 0.75, 0.5)], splits[0].Figures);
        Assert.Equal([new ModelFigure("f1", null, 0.25)], splits[1].Figures);
        Assert.Equal(new ModelFigure("seconds", 20e-6, 5e-6), ModelFigures.Speed(card));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"good\"")]
    [InlineData("{\"splits\": 5}")]
    [InlineData("{\"splits\": [5, null, \"x\"]}")]
    [InlineData("{\"splits\": [], \"fp32_microseconds\": \"quick\"}")]
    public void A_card_of_another_form_has_no_figures(string json)
    {
        var card = JsonDocument.Parse(json).RootElement;
        Assert.Empty(ModelFigures.Splits(card));
        Assert.Null(ModelFigures.Speed(card));
    }
}
