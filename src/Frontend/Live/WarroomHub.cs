using Microsoft.AspNetCore.SignalR;
using Warroom.Frontend.Timeline;
using Warroom.Incidents;

namespace Warroom.Frontend.Live;

/// <summary>The hub <c>/hubs/warroom</c>: incidents and lists; see <c>docs/contracts.md</c>.</summary>
internal sealed class WarroomHub(LiveFeeds feeds, IClusterClient cluster) : Hub
{
    /// <summary>Joins the lists; from then on the viewer also gets each <see cref="Standing"/>, the present one at once.</summary>
    public Task WatchIncidents() => feeds.WatchListsAsync(Context.Outbox(), Context.ConnectionAborted);

    /// <summary>Joins an incident and gives what the viewer lacks: <see cref="WatchedIncident"/>.</summary>
    public Task<SerializedAnswer> Watch(Guid incidentId, long afterSeq) => feeds.WatchIncidentAsync(Context.Outbox(), incidentId, afterSeq, Context.ConnectionAborted);

    /// <summary>Leaves an incident.</summary>
    public void Unwatch(Guid incidentId) => feeds.UnwatchIncident(Context.Outbox(), incidentId);

    /// <summary>Writes into the timeline; answers after the commit.</summary>
    public async Task<Receipt> Post(Guid incidentId, Guid operationId, string text)
    {
        var ack = await cluster.GetGrain<IIncidentGrain>(incidentId).PostAsync(new() { OperationId = HubCaller.Operation(operationId), By = Context.By(), Text = text ?? "" });
        return new() { Seq = ack.Seq, Repeated = ack.Repeated };
    }
}
