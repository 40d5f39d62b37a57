namespace Warroom;

/// <summary>What kind of refusal a <see cref="DomainException"/> is; the front end maps it to an HTTP status.</summary>
public enum RefusalKind
{
    /// <summary>The command is not well-formed: HTTP 400.</summary>
    Invalid,

    /// <summary>What the command names does not exist: HTTP 404.</summary>
    NotFound,

    /// <summary>The command does not fit the present state: HTTP 409.</summary>
    Conflict,

    /// <summary>A limit is reached; later it may work: HTTP 429.</summary>
    TooMany,

    /// <summary>The command is larger than its limit: HTTP 413.</summary>
    TooLarge,

    /// <summary>Something outside that is needed is not there now; nothing was lost: HTTP 503.</summary>
    Unavailable,

    /// <summary>Whether the command took effect is not known; ask again with the same operation id: HTTP 504.</summary>
    Unknown,
}

/// <summary>A grain's refusal of a command: nothing was written (but see <see cref="RefusalKind.Unknown"/>). Its message is written for the person who gave the command.</summary>
[GenerateSerializer, Alias("warroom.domain-exception")]
public sealed class DomainException : Exception
{
    /// <summary>For serializers.</summary>
    public DomainException()
    {
    }

    /// <summary>For serializers.</summary>
    public DomainException(string message)
        : base(message)
    {
    }

    /// <summary>For serializers.</summary>
    public DomainException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Refuses with a stable code such as <c>incident.already_resolved</c> and a sentence that says what to do.</summary>
    public DomainException(RefusalKind kind, string errorCode, string message)
        : base(message)
    {
        Kind = kind;
        ErrorCode = errorCode;
    }

    /// <summary>What kind of refusal it is.</summary>
    [Id(0)]
    public RefusalKind Kind { get; private set; }

    /// <summary>Stable, dotted, lower-case: clients choose by it.</summary>
    [Id(1)]
    public string ErrorCode { get; private set; } = "warroom.refused";
}
