using Microsoft.AspNetCore.SignalR;
using Warroom.Frontend.Hosting;

namespace Warroom.Frontend.Live;

/// <summary>What a hub's methods need of their connection.</summary>
internal static class HubCaller
{
    /// <summary>The connection's outbox.</summary>
    public static Outbox Outbox(this HubCallerContext context) =>
        context.Features.Get<Outbox>() ?? throw new InvalidOperationException("The connection has no outbox: LiveConnections is not registered.");

    /// <summary>Who speaks, by the query parameter <c>actor</c>.</summary>
    public static Author By(this HubCallerContext context) =>
        new() { Kind = AuthorKind.Person, Name = Caller.Actor(context.GetHttpContext()?.Request.Query["actor"]) };

    /// <summary>Refuses an empty operation id: a resend could not be told from a second command.</summary>
    public static Guid Operation(Guid operationId) => operationId != Guid.Empty
        ? operationId
        : throw new DomainException(RefusalKind.Invalid, "request.bad_idempotency_key", "The operation id must be a UUID that the client made.");
}
