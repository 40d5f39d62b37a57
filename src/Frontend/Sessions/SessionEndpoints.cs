using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Warroom.Bots;
using Warroom.Frontend.Hosting;

namespace Warroom.Frontend.Sessions;

/// <summary>Bot sessions over REST.</summary>
internal static class SessionEndpoints
{
    private const int SessionsDefault = 50;
    private const int SessionsMax = 200;
    private const int MessagesDefault = 100;
    private const int MessagesMax = 500;

    public static void MapSessions(this IEndpointRouteBuilder routes)
    {
        var sessions = routes.MapGroup("/api/sessions").WithTags("sessions");
        sessions.MapGet("", ListAsync).WithSummary("Sessions, newest change first.");
        sessions.MapPost("", StartAsync).WithSummary("Begins a session with a bot.");
        sessions.MapGet("/{id:guid}", GetAsync).WithSummary("One session, with the reply in flight.");
        sessions.MapGet("/{id:guid}/messages", MessagesAsync).WithSummary("Its history.");
        sessions.MapPost("/{id:guid}/messages", SendAsync).WithSummary("Sends a message; the answer streams on the hub.");
        sessions.MapPost("/{id:guid}/stop", StopAsync).WithSummary("Stops the reply in flight.");
        sessions.MapPost("/{id:guid}/regenerate", RegenerateAsync).WithSummary("Answers the last message again.");
        sessions.MapPost("/{id:guid}/continue", ContinueAsync).WithSummary("Goes on with a reply that was cut.");
    }

    private static async Task<Ok<IReadOnlyList<SessionView>>> ListAsync(HttpContext context, SessionQueries queries, string? bot, int? limit, int? offset, CancellationToken cancellationToken)
    {
        var page = await queries.ListAsync(string.IsNullOrEmpty(bot) ? null : bot, Limits.Limit(limit, SessionsDefault, SessionsMax), Limits.Offset(offset), cancellationToken);
        context.Response.Headers["X-Total-Count"] = page.Total.ToString(CultureInfo.InvariantCulture);
        return TypedResults.Ok(page.Items);
    }

    private static async Task<Results<Created<SessionView>, Ok<SessionView>>> StartAsync(StartSessionRequest body, Caller caller, IClusterClient cluster, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(body.BotId))
        {
            throw new DomainException(RefusalKind.Invalid, "session.bot_required", "Bot id is required: name the bot to talk with, such as BOT-001.");
        }

        var id = EntityId.From(caller.OperationId);
        var ack = await Grain(cluster, id).StartAsync(new() { OperationId = caller.OperationId, By = caller.By, BotId = body.BotId, Title = body.Title }, cancellationToken);
        return ack.Repeated ? TypedResults.Ok(ack.Session) : TypedResults.Created($"/api/sessions/{id}", ack.Session);
    }

    private static async Task<Ok<SessionView>> GetAsync(Guid id, IClusterClient cluster, CancellationToken cancellationToken) =>
        TypedResults.Ok(await Grain(cluster, id).GetAsync(cancellationToken) ?? throw NotFound(id));

    private static async Task<Ok<MessagePage>> MessagesAsync(Guid id, long? before, int? limit, SessionPages history, CancellationToken cancellationToken)
    {
        if (before is < 1)
        {
            throw new DomainException(RefusalKind.Invalid, "request.bad_before", $"before must be 1 or more, not {before}.");
        }

        var page = await history.MessagesAsync(id, before, Limits.Limit(limit, MessagesDefault, MessagesMax), cancellationToken) ?? throw NotFound(id);
        return TypedResults.Ok(new MessagePage { Messages = [.. page.Messages], Version = page.Version, More = page.More });
    }

    private static async Task<Accepted<SessionAck>> SendAsync(Guid id, SendMessageRequest body, Caller caller, IClusterClient cluster, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(body.Text))
        {
            throw new DomainException(RefusalKind.Invalid, "session.text_required", "Text is required");
        }

        return Accepted(id, await Grain(cluster, id).SendAsync(new() { OperationId = caller.OperationId, By = caller.By, Text = body.Text }, cancellationToken));
    }

    private static async Task<Ok<SessionAck>> StopAsync(Guid id, Caller caller, IClusterClient cluster, CancellationToken cancellationToken) =>
        TypedResults.Ok(await Grain(cluster, id).StopReplyAsync(Command(caller), cancellationToken));

    private static async Task<Accepted<SessionAck>> RegenerateAsync(Guid id, Caller caller, IClusterClient cluster, CancellationToken cancellationToken) =>
        Accepted(id, await Grain(cluster, id).RegenerateAsync(Command(caller), cancellationToken));

    private static async Task<Accepted<SessionAck>> ContinueAsync(Guid id, Caller caller, IClusterClient cluster, CancellationToken cancellationToken) =>
        Accepted(id, await Grain(cluster, id).ContinueAsync(Command(caller), cancellationToken));

    private static Accepted<SessionAck> Accepted(Guid id, SessionAck ack) => TypedResults.Accepted($"/api/sessions/{id}", ack);

    private static ReplyCommand Command(Caller caller) => new() { OperationId = caller.OperationId, By = caller.By };

    private static IBotSessionGrain Grain(IClusterClient cluster, Guid id) => cluster.GetGrain<IBotSessionGrain>(id);

    private static DomainException NotFound(Guid id) => new(RefusalKind.NotFound, "session.not_found", $"There is no session {id}.");
}
