namespace Warroom.Bots;

/// <summary>A bot as it is configured.</summary>
[GenerateSerializer, Immutable, Alias("warroom.bot-view")]
public sealed record BotView
{
    /// <summary><c>BOT-001</c>, <c>BOT-002</c>, …</summary>
    [Id(0)] public required string Id { get; init; }

    /// <summary>1 to <see cref="BotLimits.NameLengthMax"/> characters.</summary>
    [Id(1)] public required string Name { get; init; }

    /// <summary>The system prompt; up to <see cref="BotLimits.PersonaLengthMax"/> characters.</summary>
    [Id(2)] public string Persona { get; init; } = "";

    /// <summary>The model's name, such as <c>llama3.2:3b</c>; empty: the first that an endpoint offers.</summary>
    [Id(3)] public string Model { get; init; } = "";

    /// <summary>Whether it answers.</summary>
    [Id(4)] public required BotStatus Status { get; init; }

    /// <summary>When it was launched first.</summary>
    [Id(5)] public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last changed.</summary>
    [Id(6)] public required DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>Launches a bot.</summary>
[GenerateSerializer, Immutable, Alias("warroom.launch-bot")]
public sealed record LaunchBot
{
    /// <summary>Made by the client: a resend is the same bot.</summary>
    [Id(0)] public required Guid OperationId { get; init; }

    /// <summary>Its name.</summary>
    [Id(1)] public required string Name { get; init; }

    /// <summary>The system prompt.</summary>
    [Id(2)] public string Persona { get; init; } = "";

    /// <summary>The model's name; empty: the first that an endpoint offers.</summary>
    [Id(3)] public string Model { get; init; } = "";
}

/// <summary>Changes a bot; what is <see langword="null"/> stays. Replies in flight end as they began.</summary>
[GenerateSerializer, Immutable, Alias("warroom.configure-bot")]
public sealed record ConfigureBot
{
    /// <summary>The new name.</summary>
    [Id(0)] public string? Name { get; init; }

    /// <summary>The new system prompt.</summary>
    [Id(1)] public string? Persona { get; init; }

    /// <summary>The new model.</summary>
    [Id(2)] public string? Model { get; init; }

    /// <summary>Running or stopped.</summary>
    [Id(3)] public BotStatus? Status { get; init; }
}

/// <summary>One bot. Key: <c>BOT-001</c>, …. Changes are durable when the task completes and published as <see cref="Streams.CatalogueChange"/>. Refusals: <c>bot.not_found</c>, <c>bot.name_required</c>, <c>bot.too_long</c>, <c>bot.bad_text</c>.</summary>
[Alias("warroom.bot")]
public interface IBotGrain : IGrainWithStringKey
{
    /// <summary>Called by the directory alone: makes the bot, running; safe to repeat.</summary>
    [Alias("create")]
    Task<BotView> CreateAsync(LaunchBot command, CancellationToken cancellationToken = default);

    /// <summary>Changes it.</summary>
    [Alias("configure")]
    Task<BotView> ConfigureAsync(ConfigureBot command, CancellationToken cancellationToken = default);

    /// <summary>Its view, or <see langword="null"/> if there is no such bot.</summary>
    [Alias("get")]
    Task<BotView?> GetAsync(CancellationToken cancellationToken = default);
}

/// <summary>Gives new bots their ids. Key: 0, the only one.</summary>
[Alias("warroom.bot-directory")]
public interface IBotDirectoryGrain : IGrainWithIntegerKey
{
    /// <summary>Launches a bot under the next free id; a resend with the same operation id gives the same bot. At most 1,000 bots (<c>bot.too_many</c>).</summary>
    [Alias("launch")]
    Task<BotView> LaunchAsync(LaunchBot command, CancellationToken cancellationToken = default);
}
