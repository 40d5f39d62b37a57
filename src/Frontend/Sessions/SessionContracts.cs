using System.Collections.Immutable;
using Warroom.Bots;

namespace Warroom.Frontend.Sessions;

/// <summary>Body of <c>POST /api/sessions</c>.</summary>
public sealed record StartSessionRequest
{
    /// <summary>Required: the bot.</summary>
    public string? BotId { get; init; }

    /// <summary>Its title; the beginning of the first message unless given.</summary>
    public string? Title { get; init; }
}

/// <summary>Body of <c>POST /api/sessions/{id}/messages</c>.</summary>
public sealed record SendMessageRequest
{
    /// <summary>Required; 1 to 32,000 characters.</summary>
    public string? Text { get; init; }
}

/// <summary>A page of a session's history.</summary>
public sealed record MessagePage
{
    /// <summary>Oldest first.</summary>
    public required ImmutableArray<ChatMessage> Messages { get; init; }

    /// <summary>The number of the session's last event that <see cref="Messages"/> know of.</summary>
    public required long Version { get; init; }

    /// <summary>Whether there are messages before the first of <see cref="Messages"/>.</summary>
    public required bool More { get; init; }
}

/// <summary>The answer to the hub's <c>Watch(sessionId, afterSeq)</c>.</summary>
public sealed record WatchedSession
{
    /// <summary>The session as it stands after the last of <see cref="Events"/>, with the reply in flight and its text so far.</summary>
    public required SessionView Session { get; init; }

    /// <summary>
    /// If given, the last 100 messages as they stood before the first of <see cref="Events"/>: they take the place of all that the client has. Left out when <see cref="Events"/> alone bring the client up to date.
    /// </summary>
    public ImmutableArray<ChatMessage>? Messages { get; init; }

    /// <summary>Events to apply in order, after <see cref="Messages"/> if they are given; the last has the number of the session's version.</summary>
    public required ImmutableArray<LoggedEvent> Events { get; init; }

    /// <summary>Whether there are messages before the first of <see cref="Messages"/>.</summary>
    public required bool MoreBefore { get; init; }
}
