using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;

namespace LeptonEdge.Hub.Api.Common;

/// <summary>How much of a list a request wants, in which order, and from where on.</summary>
internal readonly record struct ListQuery
{
    [FromQuery(Name = "limit")]
    [Description("At most so many items: 1 to 1000, 100 where it is left out.")]
    public int? Limit { get; init; }

    [FromQuery(Name = "cursor")]
    [Description("Where to go on: 'next' of the answer before, with the same sort and filters.")]
    public string? Cursor { get; init; }

    [FromQuery(Name = "sort")]
    [Description("Field to sort by, with a minus before it for the largest first.")]
    public string? Sort { get; init; }
}

/// <summary>The same for lists that have one order alone.</summary>
internal readonly record struct PageQuery
{
    [FromQuery(Name = "limit")]
    [Description("At most so many items: 1 to 1000, 100 where it is left out.")]
    public int? Limit { get; init; }

    [FromQuery(Name = "cursor")]
    [Description("Where to go on: 'next' of the answer before, with the same filters.")]
    public string? Cursor { get; init; }
}
