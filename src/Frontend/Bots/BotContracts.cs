using Warroom.Bots;

namespace Warroom.Frontend.Bots;

/// <summary>Body of <c>POST /api/bots</c>.</summary>
public sealed record LaunchBotRequest
{
    /// <summary>Required; 1 to 80 characters.</summary>
    public string? Name { get; init; }

    /// <summary>The system prompt; up to 8,000 characters.</summary>
    public string? Persona { get; init; }

    /// <summary>The model's name; empty: the first that an endpoint offers.</summary>
    public string? Model { get; init; }
}

/// <summary>Body of <c>PATCH /api/bots/{id}</c>: what is left out stays.</summary>
public sealed record ConfigureBotRequest
{
    /// <summary>The new name.</summary>
    public string? Name { get; init; }

    /// <summary>The new system prompt.</summary>
    public string? Persona { get; init; }

    /// <summary>The new model.</summary>
    public string? Model { get; init; }

    /// <summary>Running or stopped.</summary>
    public BotStatus? Status { get; init; }
}
