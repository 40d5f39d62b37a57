using Warroom.Text;

namespace Warroom.Incidents;

/// <summary>The single checks that <see cref="IncidentRules"/> are made of: each a refusal, or <see langword="null"/>.</summary>
internal static class IncidentChecks
{
    public static IncidentDecision NotFound => IncidentDecision.Refuse(RefusalKind.NotFound, "incident.not_found", "There is no incident with this id.");

    public static IncidentDecision? Author(Author? author) =>
        string.IsNullOrWhiteSpace(author?.Name)
            ? IncidentDecision.Refuse(RefusalKind.Invalid, "incident.author_required", "Say who you are.")
            : Nul(("The author's name", author.Name)) ?? Length("The author's name", author.Name.Trim(), Warroom.Author.NameLengthMax);

    public static IncidentDecision? Nul(params ReadOnlySpan<(string What, string? Text)> texts)
    {
        foreach (var (what, text) in texts)
        {
            if (StorableText.HasNul(text))
                return IncidentDecision.Refuse(RefusalKind.Invalid, "incident.bad_text", StorableText.NulRefusal(what));
        }

        return null;
    }

    public static IncidentDecision? Title(string title) =>
        title.Length == 0
            ? IncidentDecision.Refuse(RefusalKind.Invalid, "incident.title_required", "Title is required")
            : Length("Title", title, IncidentLimits.TitleLengthMax);

    public static IncidentDecision? Length(string what, string? text, int lengthMax) =>
        text is null || text.Length <= lengthMax
            ? null
            : IncidentDecision.Refuse(RefusalKind.TooLarge, "incident.too_long", $"{what} has {text.Length} characters; at most {lengthMax} are possible.");

    public static IncidentDecision? Defined<TValue>(TValue? value)
        where TValue : struct, Enum =>
        value is not { } given || Enum.IsDefined(given)
            ? null
            : IncidentDecision.Refuse(RefusalKind.Invalid, "incident.unknown_value", $"{typeof(TValue).Name} {given} is not known.");

    /// <summary>
    /// Between investigating, identified and monitoring every way is open, and from each of the unresolved to resolved; a resolved incident is reopened first, and only so does one become open again.
    /// </summary>
    public static IncidentDecision? Transition(IncidentStatus from, IncidentStatus to)
    {
        if (from == to)
            return null;
        if (from == IncidentStatus.Resolved)
        {
            return to == IncidentStatus.Open
                ? null
                : IncidentDecision.Refuse(RefusalKind.Conflict, "incident.illegal_transition", $"The incident is resolved; reopen it (status open) before it becomes {Word(to)}.");
        }

        return to == IncidentStatus.Open
            ? IncidentDecision.Refuse(RefusalKind.Conflict, "incident.illegal_transition", $"The incident is {Word(from)}; it becomes open again only by reopening it after it was resolved.")
            : null;
    }

    private static string Word(IncidentStatus status) => status.ToString().ToLowerInvariant();
}
