using Microsoft.AspNetCore.SignalR;
using Warroom.Bots;
using Warroom.Frontend.Sessions;
using Warroom.Frontend.Timeline;

namespace Warroom.Frontend.Live;

/// <summary>The hub <c>/hubs/chat</c>: bot sessions; see <c>docs/contracts.md</c>.</summary>
internal sealed class ChatHub(LiveFeeds feeds, IClusterClient cluster) : Hub
{
    /// <summary>Joins a session and gives what the viewer lacks, with the reply in flight: <see cref="WatchedSession"/>.</summary>
    public Task<SerializedAnswer> Watch(Guid sessionId, long afterSeq) => feeds.WatchSessionAsync(Context.Outbox(), sessionId, afterSeq, Context.ConnectionAborted);

    /// <summary>Leaves a session.</summary>
    public void Unwatch(Guid sessionId) => feeds.UnwatchSession(Context.Outbox(), sessionId);

    /// <summary>Sends a message; answers after the commit, before the first token.</summary>
    public async Task<Receipt> Send(Guid sessionId, Guid operationId, string text) =>
        ReceiptOf(await Grain(sessionId).SendAsync(new() { OperationId = HubCaller.Operation(operationId), By = Context.By(), Text = text ?? "" }));

    /// <summary>Stops the reply in flight.</summary>
    public async Task<Receipt> Stop(Guid sessionId, Guid operationId) => ReceiptOf(await Grain(sessionId).StopReplyAsync(Command(operationId)));

    /// <summary>Answers the last message again.</summary>
    public async Task<Receipt> Regenerate(Guid sessionId, Guid operationId) => ReceiptOf(await Grain(sessionId).RegenerateAsync(Command(operationId)));

    /// <summary>Goes on with a reply that was cut.</summary>
    public async Task<Receipt> Continue(Guid sessionId, Guid operationId) => ReceiptOf(await Grain(sessionId).ContinueAsync(Command(operationId)));

    private static Receipt ReceiptOf(SessionAck ack) => new() { Seq = ack.Seq, Repeated = ack.Repeated };

    private IBotSessionGrain Grain(Guid sessionId) => cluster.GetGrain<IBotSessionGrain>(sessionId);

    private ReplyCommand Command(Guid operationId) => new() { OperationId = HubCaller.Operation(operationId), By = Context.By() };
}
