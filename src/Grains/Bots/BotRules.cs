using Warroom.Text;

namespace Warroom.Bots;

/// <summary>What a bot may be. Pure.</summary>
public static class BotRules
{
    /// <summary>The most bots.</summary>
    public const int BotsMax = 1_000;

    /// <summary>The id of a bot by its number.</summary>
    public static string IdOf(int number) => $"BOT-{number:000}";

    /// <summary>A new bot, running; the same again if it exists.</summary>
    public static BotState Create(BotState? state, string id, LaunchBot command, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(command);
        var at = StorableTime.Of(now);
        return state ?? Checked(new() { Id = id, Name = Clean("The name", command.Name), Persona = Clean("The persona", command.Persona), Model = Clean("The model's name", command.Model), Status = BotStatus.Running, CreatedAt = at, UpdatedAt = at });
    }

    /// <summary>The bot after a change; the same instance if nothing differs.</summary>
    public static BotState Configure(BotState? state, ConfigureBot command, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (state is null)
            throw NotFound();
        if (command.Status is { } status && !Enum.IsDefined(status))
            throw new DomainException(RefusalKind.Invalid, "bot.unknown_status", $"A bot is running or stopped, not {status}.");
        var changed = state with
        {
            Name = command.Name is null ? state.Name : Clean("The name", command.Name),
            Persona = command.Persona is null ? state.Persona : Clean("The persona", command.Persona),
            Model = command.Model is null ? state.Model : Clean("The model's name", command.Model),
            Status = command.Status ?? state.Status,
        };
        return changed == state ? state : Checked(changed with { UpdatedAt = StorableTime.Of(now) });
    }

    /// <summary>Checks a launch before a number is spent on it.</summary>
    public static void Check(LaunchBot command) => Create(null, "", command, default);

    /// <summary>There is no such bot.</summary>
    public static DomainException NotFound() => new(RefusalKind.NotFound, "bot.not_found", "There is no bot with this id.");

    private static BotState Checked(BotState bot)
    {
        if (bot.Name.Length == 0)
            throw new DomainException(RefusalKind.Invalid, "bot.name_required", "Give the bot a name.");
        Length("The name", bot.Name, BotLimits.NameLengthMax);
        Length("The persona", bot.Persona, BotLimits.PersonaLengthMax);
        Length("The model's name", bot.Model, ModelLengthMax);
        return bot;
    }

    private static void Length(string what, string text, int lengthMax)
    {
        if (text.Length > lengthMax)
            throw new DomainException(RefusalKind.TooLarge, "bot.too_long", $"{what} has {text.Length} characters; at most {lengthMax} are possible.");
    }

    private static string Clean(string what, string? text) =>
        StorableText.HasNul(text) ? throw new DomainException(RefusalKind.Invalid, "bot.bad_text", StorableText.NulRefusal(what)) : StorableText.Of((text ?? "").Trim());

    private const int ModelLengthMax = 200;
}
