using Warroom.Incidents;
using Warroom.Simulation.Processes;
using Warroom.Streams;

namespace Warroom.Simulation.Live;

/// <summary>Incidents and their viewers, who come with any last number. Whatever is lost, late, twice or out of order on the way: at the end each viewer has applied each event once, in order.</summary>
internal sealed class FeedWorld(int seed, LiveMutation mutation, Story story) : LiveWorld(seed, mutation, story)
{
    private readonly Dictionary<(StreamProcess, Guid), long> _publishedMs = [];

    protected override void Begin()
    {
        foreach (var (id, _) in Store.Logs) Store.Append(id, Enumerable.Range(1, Random.Next(1, 60)).Select(number => $"{{\"old\":{number}}}"));
    }

    /// <summary>A grain commits, and publishes then. It is where a silo believes it to be; that it is in one place only is another simulation's matter.</summary>
    protected override void Act()
    {
        if (Time.NowMs >= FaultsUntilMs) return;
        Time.After(Random.Next(1, 250), Act);
        var id = AnyLog();
        var stream = WarroomStreams.Incident(id);
        var silos = Cluster.Silos.Where(silo => silo is { IsPaused: false } && silo.Mesh.HomeOf(stream) == silo.Name).ToList();
        if (silos.Count == 0) return;
        var silo = silos[Random.Next(silos.Count)];

        // Many at once overflow what is bounded.
        for (var commits = Random.Next(25) == 0 ? Random.Next(5, 30) : 1; commits > 0; commits--)
        {
            var events = Store.Append(id, Enumerable.Range(1, Random.Next(1, 4)).Select(number => $"{{\"at\":{Time.NowMs},\"number\":{number},\"by\":\"{silo}\"}}"));
            var update = new IncidentUpdate { IncidentId = id, Events = [.. events], Incident = Store.View(id) };
            Counts.Committed += events.Count;
            Tell($"{silo} commits {events[0].Seq} to {events[^1].Seq} of {id}");
            var atMs = Math.Max(_publishedMs.GetValueOrDefault((silo, id)), Time.NowMs + (Random.Next(4) == 0 ? Random.Next(5, 400) : Random.Next(0, 3)));
            _publishedMs[(silo, id)] = atMs;
            silo.After(atMs - Time.NowMs, () => _ = silo.Streams.GetStream<IncidentUpdate>(stream).OnNextAsync(update));
        }
    }

    protected override SimulatedViewer Come(Guid id, int number) =>
        new IncidentViewer(this, id, number, Random.Next(2) == 0 ? 0 : Random.Next(0, Store.Logs[id].Count + 1));

    protected override void Check(SimulatedViewer viewer)
    {
        var (log, applied, start) = (Store.Logs[viewer.Topic], ((IncidentViewer)viewer).Applied, ((IncidentViewer)viewer).Start);
        for (var i = 0; i < applied.Count; i++)
            Require(applied[i].Seq == start + i + 1 && applied[i].Hash == log[(int)start + i].Hash, $"{viewer} applied event {applied[i].Seq} in the place of {start + i + 1}");
        Require(viewer.Last == log.Count, $"{viewer} has {viewer.Last} events, the log has {log.Count}");
    }
}
