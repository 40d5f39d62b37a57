namespace Warroom.Models;

/// <summary>What a model endpoint can do wrong, in as few words as anybody can act on.</summary>
public enum ModelFailure
{
    /// <summary>Nobody answers there: refused, unreachable, no route.</summary>
    Unavailable,

    /// <summary>It answers that it has too much to do.</summary>
    Overloaded,

    /// <summary>The first token, or the next one, did not come in time.</summary>
    Timeout,

    /// <summary>It does not have the model.</summary>
    ModelNotFound,

    /// <summary>It does not take the request.</summary>
    Rejected,

    /// <summary>It says that it failed.</summary>
    Failed,

    /// <summary>What it sends is not what the protocol says.</summary>
    Protocol,

    /// <summary>The connection ended before the answer did.</summary>
    Cut,
}

/// <summary>A model endpoint failed. Thrown by whatever speaks to models; <see cref="Exception.Message"/> is for logs, <see cref="UserText"/> for the page.</summary>
public sealed class ModelException : Exception
{
    /// <summary>A failure with its cause, if there is one.</summary>
    public ModelException(ModelFailure failure, string message, Exception? innerException = null)
        : base(message, innerException) => Failure = failure;

    /// <summary>What went wrong.</summary>
    public ModelFailure Failure { get; }

    /// <summary>The stable code: <c>model.unavailable</c>, <c>model.overloaded</c>, <c>model.timeout</c>, <c>model.not_found</c>, <c>model.rejected</c>, <c>model.failed</c>, <c>model.protocol</c>, <c>model.cut</c>.</summary>
    public string ErrorCode => CodeOf(Failure);

    /// <summary>Whether it says something of the endpoint's health; what it says of one request alone does not count.</summary>
    public bool CountsAgainstEndpoint => Failure is not (ModelFailure.ModelNotFound or ModelFailure.Rejected);

    /// <summary>One sentence for the user.</summary>
    public string UserText => Failure switch
    {
        ModelFailure.Unavailable => "Ollama temporarily unavailable. Nothing is lost: ask again when it is back.",
        ModelFailure.Overloaded => "The model has too much to do at the moment. Nothing is lost: ask again in a moment.",
        ModelFailure.Timeout => "The model did not answer in time. Nothing is lost: ask again.",
        ModelFailure.ModelNotFound => "No model endpoint has the model that this bot is set to. Choose another model for the bot.",
        ModelFailure.Rejected => "The model endpoint does not take this request.",
        ModelFailure.Failed => "The model failed while it answered. Nothing is lost: ask again.",
        ModelFailure.Protocol => "The model endpoint sent something that is not an answer. Nothing is lost: ask again.",
        _ => "The connection to the model broke. What came is kept.",
    };

    /// <summary>The stable code of a failure.</summary>
    public static string CodeOf(ModelFailure failure) => failure switch
    {
        ModelFailure.Unavailable => "model.unavailable",
        ModelFailure.Overloaded => "model.overloaded",
        ModelFailure.Timeout => "model.timeout",
        ModelFailure.ModelNotFound => "model.not_found",
        ModelFailure.Rejected => "model.rejected",
        ModelFailure.Failed => "model.failed",
        ModelFailure.Protocol => "model.protocol",
        _ => "model.cut",
    };
}
