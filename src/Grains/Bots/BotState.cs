using System.Collections.Immutable;

namespace Warroom.Bots;

/// <summary>A bot as it is stored. State name <c>bot</c>.</summary>
[GenerateSerializer, Immutable, Alias("warroom.bot-state")]
public sealed record BotState
{
    /// <summary>The version of this shape. Members are only ever added, with defaults.</summary>
    public const int SchemaNow = 1;

    /// <summary>The shape it was written in.</summary>
    [Id(0)] public int Schema { get; init; } = SchemaNow;

    /// <summary><c>BOT-001</c>, …</summary>
    [Id(1)] public string Id { get; init; } = "";

    /// <summary>Its name.</summary>
    [Id(2)] public string Name { get; init; } = "";

    /// <summary>The system prompt.</summary>
    [Id(3)] public string Persona { get; init; } = "";

    /// <summary>The model; empty: the first that an endpoint offers.</summary>
    [Id(4)] public string Model { get; init; } = "";

    /// <summary>Whether it answers.</summary>
    [Id(5)] public BotStatus Status { get; init; }

    /// <summary>When it was launched first.</summary>
    [Id(6)] public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last changed.</summary>
    [Id(7)] public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>As callers see it.</summary>
    public BotView ToView() => new()
    {
        Id = Id,
        Name = Name,
        Persona = Persona,
        Model = Model,
        Status = Status,
        CreatedAt = CreatedAt,
        UpdatedAt = UpdatedAt,
    };
}

/// <summary>Which ids are taken. State name <c>bot-directory</c>.</summary>
[GenerateSerializer, Immutable, Alias("warroom.bot-directory-state")]
public sealed record BotDirectoryState
{
    /// <summary>The version of this shape. Members are only ever added, with defaults.</summary>
    public const int SchemaNow = 1;

    /// <summary>The shape it was written in.</summary>
    [Id(0)] public int Schema { get; init; } = SchemaNow;

    /// <summary>The number of the last bot: 1 is <c>BOT-001</c>.</summary>
    [Id(1)] public int LastNumber { get; init; }

    /// <summary>The numbers that launches got, by operation id: at most as many as there may be bots.</summary>
    [Id(2)] public ImmutableDictionary<Guid, int> Launches { get; init; } = ImmutableDictionary<Guid, int>.Empty;
}
