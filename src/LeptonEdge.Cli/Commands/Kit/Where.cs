using System.CommandLine;
using LeptonEdge.Cli.Contexts;

namespace LeptonEdge.Cli.Commands;

/// <summary>Changes of many: those that a filter finds, in place of names.</summary>
/// <param name="what">What is found, such as "devices".</param>
/// <param name="fields">What can be asked of them, as people write it, and as the API calls it.</param>
internal sealed class Where(string what, params (string Word, string Field)[] fields)
{
    private readonly Option<string[]> _where = MakeWhere(what, fields);

    private readonly Option<bool> _yes = new("--yes", "-y")
        { Description = "With --where: do not ask; needed where nobody is at a terminal." };

    public Symbol[] All => [_where, _yes];

    /// <summary>What is asked, by the API's names; null: --where was not given.</summary>
    /// <param name="named">Names were given.</param>
    /// <exception cref="HubException">There are both, or neither, or a condition is none.</exception>
    public Dictionary<string, string>? Read(ParseResult parsed, bool named)
    {
        var conditions = parsed.GetValue(_where) ?? [];
        if (conditions.Length > 0 == named)
        {
            throw HubException.Usage(named
                ? $"--where: give it, or names of {what}, and not both"
                : $"{what}: give names, or --where FIELD=VALUE, such as --where {fields[0].Word}=…");
        }

        return named ? null : conditions.Select(Parse).GroupBy(pair => pair.Field).ToDictionary(
            group => group.Key, group => group.Count() == 1 ? group.First().Value
                : throw HubException.Usage($"--where: {group.First().Word} is given twice"));
    }

    /// <summary>Asks before many are changed.</summary>
    /// <param name="change">Such as "give the tag line-3 to".</param>
    /// <exception cref="HubException">Nothing was found; or nobody is there to ask, and --yes is not given; or the
    /// answer was no.</exception>
    public void Confirm(ParseResult parsed, string change, int found)
    {
        if (found == 0)
            throw new HubException($"--where: no such {what}", ExitCodes.NotFound);
        if (parsed.GetValue(_yes))
            return;
        if (Console.IsInputRedirected)
        {
            throw HubException.Usage(
                $"--where: this would {change} {found} {what}; give --yes, as nobody is here to ask, or --dry-run");
        }

        Console.Error.Write($"{char.ToUpperInvariant(change[0])}{change[1..]} {found} {what}? [y/N] ");
        if (Console.ReadLine()?.Trim() is not ("y" or "Y" or "yes"))
            throw new HubException("nothing was changed");
    }

    private static Option<string[]> MakeWhere(string what, (string Word, string Field)[] fields)
    {
        var made = new Option<string[]>("--where")
        {
            Description = $"In place of names: all {what} with FIELD=VALUE; repeated, with all of them. Fields: "
                + $"{string.Join(", ", fields.Select(field => field.Word))}.",
        };
        made.CompletionSources.Add([.. fields.Select(field => field.Word + "=")]);
        return made;
    }

    private (string Word, string Field, string Value) Parse(string text)
    {
        if (text.Split('=', 2) is not [{ Length: > 0 } word, { Length: > 0 } value])
            throw HubException.Usage($"--where: '{text}' must be FIELD=VALUE, such as {fields[0].Word}=…");
        var known = Array.Find(fields, field => field.Word == word);
        if (known.Field is not null)
            return (word, known.Field, value);
        var words = fields.Select(field => field.Word).ToList();
        var near = NearWord.Of(word, words);
        throw HubException.Usage($"--where: '{word}' is none of {string.Join(", ", words)}"
            + (near is null ? "" : $"; did you mean '{near}'?"));
    }
}
