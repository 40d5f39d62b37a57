using System.Text.Json.Serialization;

namespace Warroom.Bots;

/// <summary>Something that happened in a bot session; as JSON the body of its <see cref="LoggedEvent"/>. Kinds and members are only ever added.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(SessionStarted), "session_started")]
[JsonDerivedType(typeof(MessageSent), "message_sent")]
[JsonDerivedType(typeof(ReplyStarted), "reply_started")]
[JsonDerivedType(typeof(ReplyEnded), "reply_ended")]
[JsonDerivedType(typeof(SessionRenamed), "session_renamed")]
public abstract record SessionEvent
{
    /// <summary>When, by the silo's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who.</summary>
    public required Author By { get; init; }

    /// <summary>The operation it belongs to.</summary>
    public required Guid OperationId { get; init; }
}

/// <summary>The session began: always event 1.</summary>
public sealed record SessionStarted : SessionEvent
{
    /// <summary>The bot.</summary>
    public required string BotId { get; init; }

    /// <summary>The session's title.</summary>
    public required string Title { get; init; }
}

/// <summary>A person wrote.</summary>
public sealed record MessageSent : SessionEvent
{
    /// <summary>The message's id: the operation id of its sending.</summary>
    public required Guid MessageId { get; init; }

    /// <summary>1 to <see cref="BotLimits.MessageLengthMax"/> characters; hostile until rendered safely.</summary>
    public required string Text { get; init; }
}

/// <summary>The bot began to answer.</summary>
public sealed record ReplyStarted : SessionEvent
{
    /// <summary>The reply's id.</summary>
    public required Guid ReplyId { get; init; }

    /// <summary>The message it answers.</summary>
    public required Guid MessageId { get; init; }

    /// <summary>The reply that this one stands in for (regenerate): it is no longer shown.</summary>
    public Guid? Replaces { get; init; }

    /// <summary>The interrupted, stopped or failed reply whose text this one goes on from (continue): its text is the beginning of this one's, and it is no longer shown by itself.</summary>
    public Guid? Continues { get; init; }

    /// <summary>The model that was asked; empty when it is chosen by the endpoint.</summary>
    public string Model { get; init; } = "";
}

/// <summary>The reply is over: exactly one for each <see cref="ReplyStarted"/>, whatever dies.</summary>
public sealed record ReplyEnded : SessionEvent
{
    /// <summary>The reply's id.</summary>
    public required Guid ReplyId { get; init; }

    /// <summary>Complete, stopped, failed or interrupted.</summary>
    public required ReplyStatus Status { get; init; }

    /// <summary>All of its text that is kept (with what it continued from).</summary>
    public required string Text { get; init; }

    /// <summary>The model that answered, if one did.</summary>
    public string Model { get; init; } = "";

    /// <summary>Whether the model is a simulation.</summary>
    public bool Simulated { get; init; }

    /// <summary>For <see cref="ReplyStatus.Failed"/>: what to tell the user, such as "Ollama temporarily unavailable".</summary>
    public string? Error { get; init; }

    /// <summary>For <see cref="ReplyStatus.Failed"/>: a stable code, such as <c>model.unavailable</c>.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>Why the model ended it: <c>stop</c> or <c>length</c>.</summary>
    public string? FinishReason { get; init; }

    /// <summary>Tokens of the prompt, if the model said.</summary>
    public int? PromptTokens { get; init; }

    /// <summary>Tokens of the reply, if the model said.</summary>
    public int? ReplyTokens { get; init; }

    /// <summary>From the start of the reply to its first token, in milliseconds.</summary>
    public int? FirstTokenMs { get; init; }

    /// <summary>From the start of the reply to its end, in milliseconds.</summary>
    public int? DurationMs { get; init; }
}

/// <summary>The title was changed.</summary>
public sealed record SessionRenamed : SessionEvent
{
    /// <summary>The new title.</summary>
    public required string Title { get; init; }
}
