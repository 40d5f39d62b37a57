using Warroom.Frontend.Live;
using Warroom.Frontend.Timeline;
using Warroom.Incidents;

namespace Warroom.Simulation.Live;

/// <summary>A page that shows an incident. It does what <c>room.ts</c> and <c>ordered-log.ts</c> do: applies the next event only, and keeps what is early.</summary>
internal sealed class IncidentViewer : SimulatedViewer
{
    private readonly SortedDictionary<long, LoggedEvent> _early = [];
    private long _head;

    public IncidentViewer(LiveWorld world, Guid incident, int number, long start)
        : base(world, incident, number)
    {
        (Start, _head) = (start, start);
        Connect();
    }

    /// <summary>The event after which it began to look.</summary>
    public long Start { get; }

    public List<LoggedEvent> Applied { get; } = [];

    public override long Last => Start + Applied.Count;

    protected override Func<FrontEnd, Outbox, Task<Func<Taken>>> Question()
    {
        var after = Last;
        return async (frontEnd, outbox) =>
        {
            var answer = await frontEnd.Feeds.WatchIncidentAsync(outbox, Topic, after, CancellationToken.None);
            var watched = FrontEnd.Read<WatchedIncident>(answer);
            return () =>
            {
                Apply(watched.Events, watched.Incident.Version);
                return !watched.More && Last >= watched.Incident.Version ? Taken.All : Last > after ? Taken.Some : Taken.Nothing;
            };
        };
    }

    protected override void OnUpdate(object update)
    {
        var news = (IncidentUpdate)update;
        Apply(news.Events, news.Incident.Version);
        if (_head > Last && World.Mutation != LiveMutation.NoResume) Ask();
    }

    private void Apply(IEnumerable<LoggedEvent> events, long head)
    {
        _head = Math.Max(_head, head);
        foreach (var logged in events)
        {
            _head = Math.Max(_head, logged.Seq);
            if (World.Mutation == LiveMutation.NoOrder)
            {
                Applied.Add(logged);
            }
            else if (logged.Seq <= Last)
            {
                if (logged.Seq > Start && Applied[(int)(logged.Seq - Start) - 1].Hash != logged.Hash) World.Fail($"{this} was told two events {logged.Seq}: the log has forked.");
            }
            else
            {
                _early[logged.Seq] = logged;
                while (_early.Remove(Last + 1, out var next)) Applied.Add(next);
            }
        }
    }
}
