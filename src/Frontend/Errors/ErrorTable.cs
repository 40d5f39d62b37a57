using System.Text.Json;
using Npgsql;
using Orleans.Storage;
using Warroom.Persistence;

namespace Warroom.Frontend.Errors;

/// <summary>The one table from exceptions to answers, for REST and hubs alike.</summary>
internal static class ErrorTable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WhenDatabaseIsBack = TimeSpan.FromSeconds(5);

    /// <summary>What to answer.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="isCommand">Whether something was to be written: then a call without an answer may have taken effect.</param>
    /// <param name="bodyType">The type that the request's body was read as, to name what it allows.</param>
    public static Refusal Map(Exception exception, bool isCommand, Type? bodyType = null) => exception switch
    {
        DomainException refusal => new(StatusOf(refusal.Kind), refusal.ErrorCode, refusal.Message, RetryAfterOf(refusal.Kind)),
        BadHttpRequestException request => BadRequests.Explain(request, bodyType),
        JsonException json => BadRequests.Explain(json, bodyType),
        AppendOutcomeUnknownException => Refusal.Unknown,
        LimitExceededException or GatewayTooBusyException => new(StatusCodes.Status503ServiceUnavailable, "warroom.busy", "Too much is waiting here. Try again in a moment.", Soon),
        // Before the next line, whose exception it is derived from: a silo that died with a call may have done what it was asked.
        SiloUnavailableException or TimeoutException or OperationCanceledException => isCommand
            ? Refusal.Unknown
            : new(StatusCodes.Status503ServiceUnavailable, "warroom.no_answer", "No answer came in time. Try again in a moment.", Soon),
        OrleansMessageRejectionException or InconsistentStateException =>
            new(StatusCodes.Status503ServiceUnavailable, "warroom.moved", "This was being moved and nothing was written. Try again in a moment.", Soon),
        PostgresException database when !IsOutage(database) => Fault(isCommand),
        NpgsqlException => new(StatusCodes.Status503ServiceUnavailable, "database.unavailable", "The database does not answer now. What was acknowledged is safe; try again in a moment.", WhenDatabaseIsBack),
        AggregateException { InnerExceptions: [var only] } => Map(only, isCommand, bodyType),
        OrleansException { InnerException: { } inner } => Map(inner, isCommand, bodyType),
        _ => Fault(isCommand),
    };

    // Nobody foresaw it, so nobody knows how far a command had come.
    private static Refusal Fault(bool isCommand) => new(
        StatusCodes.Status500InternalServerError,
        "warroom.internal",
        isCommand
            ? "Something went wrong in Warroom itself; it is logged under the trace id. Whether this took effect is not known: the same again with the same Idempotency-Key takes effect once."
            : "Something went wrong in Warroom itself. It is logged under the trace id.",
        IsFault: true);

    private static int StatusOf(RefusalKind kind) => kind switch
    {
        RefusalKind.Invalid => StatusCodes.Status400BadRequest,
        RefusalKind.NotFound => StatusCodes.Status404NotFound,
        RefusalKind.Conflict => StatusCodes.Status409Conflict,
        RefusalKind.TooMany => StatusCodes.Status429TooManyRequests,
        RefusalKind.TooLarge => StatusCodes.Status413PayloadTooLarge,
        RefusalKind.Unavailable => StatusCodes.Status503ServiceUnavailable,
        RefusalKind.Unknown => StatusCodes.Status504GatewayTimeout,
        _ => StatusCodes.Status500InternalServerError,
    };

    private static TimeSpan? RetryAfterOf(RefusalKind kind) => kind is RefusalKind.TooMany or RefusalKind.Unavailable or RefusalKind.Unknown ? Soon : null;

    // https://www.postgresql.org/docs/current/errcodes-appendix.html: 08 connection, 25006 read-only, 40 rollback, 53 out of resources, 55P03 lock, 57 operator's intervention, 58 disk.
    private static bool IsOutage(PostgresException exception) =>
        exception.IsTransient || exception.SqlState is ['0', '8', ..] or ['4', '0', ..] or ['5', '3', ..] or ['5', '7', ..] or ['5', '8', ..] or "25006" or "55P03";
}
