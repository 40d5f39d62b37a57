using System.Collections.Immutable;
using Warroom.Text;

namespace Warroom.Services;

/// <summary>What an entry of the catalogue may be. Pure.</summary>
public static class ServiceRules
{
    /// <summary>The longest description, in characters.</summary>
    public const int DescriptionLengthMax = 2_000;

    /// <summary>The longest owner, in characters.</summary>
    public const int OwnerLengthMax = 100;

    /// <summary>The most services that one needs.</summary>
    public const int DependenciesMax = 100;

    /// <summary>The entry after the command; the same instance if it changes nothing.</summary>
    /// <exception cref="DomainException">The command is refused.</exception>
    public static ServiceState Register(ServiceState? entry, string name, RegisterService command, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (!ServiceNames.IsCatalogueName(name))
            throw BadName(name);
        if (command.Health is { } health && !Enum.IsDefined(health))
            throw new DomainException(RefusalKind.Invalid, "service.unknown_value", $"Health {health} is not known.");

        var at = StorableTime.Of(now);
        var before = entry ?? new ServiceState { Name = name, CreatedAt = at };
        var after = before with
        {
            Description = Text(command.Description, "Description", DescriptionLengthMax) ?? before.Description,
            Owner = Text(command.Owner, "Owner", OwnerLengthMax) ?? before.Owner,
            DependsOn = command.DependsOn is { IsDefault: false } needed ? Dependencies(name, needed) : before.DependsOn,
            Health = command.Health ?? before.Health,
            Sample = command.Sample ?? before.Sample,
            UpdatedAt = at,
        };
        return entry is not null && IsSame(entry, after) ? entry : after;
    }

    /// <summary>The services that <paramref name="after"/> needs and the entry did not need before.</summary>
    public static ImmutableArray<string> NewDependencies(ServiceState? entry, ServiceState after)
    {
        ArgumentNullException.ThrowIfNull(after);
        return entry is null ? after.DependsOn : after.DependsOn.RemoveRange(entry.DependsOn);
    }

    /// <summary>The refusal of a circle.</summary>
    /// <param name="path">The services from the one that is registered to the one that needs it.</param>
    public static DomainException Circle(IReadOnlyList<string> path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return new(
            RefusalKind.Conflict,
            "service.depends_on_itself",
            path.Count == 1 ? $"{path[0]} cannot depend on itself." : $"{path[0]} would depend on itself: {string.Join(" → ", path)} → {path[0]}.");
    }

    private static string? Text(string? text, string what, int lengthMax)
    {
        if (StorableText.HasNul(text))
            throw new DomainException(RefusalKind.Invalid, "service.bad_text", StorableText.NulRefusal(what));
        var trimmed = text?.Trim();
        if (trimmed?.Length > lengthMax)
            throw new DomainException(RefusalKind.TooLarge, "service.too_long", $"{what} has {trimmed.Length} characters; at most {lengthMax} are possible.");
        return trimmed is null ? null : StorableText.Of(trimmed);
    }

    private static ImmutableArray<string> Dependencies(string name, ImmutableArray<string> needed)
    {
        var names = needed.Select(ServiceNames.Normalize).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToImmutableArray();
        if (names.Length > DependenciesMax)
            throw new DomainException(RefusalKind.Conflict, "service.too_many_dependencies", $"A service depends on at most {DependenciesMax} others; these are {names.Length}.");
        if (names.FirstOrDefault(other => !ServiceNames.IsCatalogueName(other)) is { } bad)
            throw BadName(bad);
        return names.Contains(name) ? throw Circle([name]) : names;
    }

    private static DomainException BadName(string name) => new(
        RefusalKind.Invalid,
        "service.bad_name",
        $"A service's name has 1 to {ServiceNames.LengthMax} lower-case letters, digits, '-', '_' or '.'; '{StorableText.Cut(name, ServiceNames.LengthMax)}' is none.");

    // Records compare arrays by identity.
    private static bool IsSame(ServiceState before, ServiceState after) =>
        before.DependsOn.SequenceEqual(after.DependsOn) && before == after with { DependsOn = before.DependsOn, UpdatedAt = before.UpdatedAt };
}
