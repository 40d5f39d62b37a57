using Warroom.Bots;
using Warroom.Simulation.Processes;
using Warroom.Streams;

namespace Warroom.Simulation.Live;

/// <summary>
/// Sessions whose bots answer, and their viewers, who come also in the middle of a reply. Whatever is lost, late, twice or out of order on the way: each viewer applies each event once, in order; what it shows of a reply in flight is
/// at any moment a beginning of what that reply has produced, and of one that has ended what was stored; and when all is quiet it lacks nothing.
/// </summary>
internal sealed class SessionWorld : LiveWorld
{
    private int _ids;

    public SessionWorld(int seed, LiveMutation mutation, Story story)
        : base(seed, mutation, story)
    {
        PageMax = Random.Next(3) == 0 ? Random.Next(1, 12) : 1_000;
        MessagesMax = Random.Next(2) == 0 ? Random.Next(2, 8) : 100;
        Grains = new SessionGrains(this);
        Cluster.Learned = Grains.OnLearned;
    }

    public override int PageMax { get; }

    public override int MessagesMax { get; }

    public SessionGrains Grains { get; }

    /// <summary>All replies that there ever were.</summary>
    public Dictionary<Guid, SimulatedReply> Replies { get; } = [];

    public Guid NewId() => new(++_ids, 1, 7, new byte[8]);

    public override IBotSessionGrain Grain(FrontEnd frontEnd, Guid id) => new SessionReference(this, frontEnd, id);

    /// <summary>The last reply that ended, and its text.</summary>
    public (Guid ReplyId, string Text)? LastEnded(Guid id) => Store.Sessions[id].LastReply is { } last ? (last.ReplyId, Replies[last.ReplyId].Stored!) : null;

    public string Describe(LiveReply? live) => live is null ? "no reply" : $"{Replies[live.ReplyId]} up to {live.NextToken}";

    public string Describe(SessionUpdate update) => update.Tokens is { } batch
        ? $"tokens {batch.FirstToken} to {batch.FirstToken + batch.Tokens.Length - 1} of {Replies[batch.ReplyId]}" : $"events {update.Events[0].Seq} to {update.Events[^1].Seq}";

    /// <summary>Something was committed: replies begin and end by that.</summary>
    public void OnCommitted(Guid id, SessionActivation? by, IReadOnlyList<LoggedEvent> events)
    {
        Counts.Committed += events.Count;
        foreach (var logged in events)
        {
            switch (WarroomJson.SessionEventOf(logged.Body)!)
            {
                case ReplyStarted started:
                    Replies[started.ReplyId] = new SimulatedReply(Replies.Count + 1, started.ReplyId, started.Continues is { } continued ? Replies[continued].Stored! : "", Random);
                    Tell($"{by?.Silo} commits {logged.Seq} of {id}: {Replies[started.ReplyId]} begins{(started.Continues is { } goesOn ? $", and goes on with {Replies[goesOn]}" : "")}");
                    break;
                case ReplyEnded ended:
                    Replies[ended.ReplyId].Store(ended);
                    Tell($"{by?.Silo} commits {logged.Seq} of {id}: {Replies[ended.ReplyId]} ends as {ended.Status} after {Replies[ended.ReplyId].NextToken} tokens");
                    break;
            }
        }
    }

    protected override void Begin()
    {
        foreach (var (id, _) in Store.Logs)
        {
            Commit(id, SessionRules.Start(null, new() { OperationId = NewId(), By = Author.Warroom, BotId = SessionActivation.Bot.Id }, DateTimeOffset.UnixEpoch));
            for (var left = Random.Next(0, 12); left > 0; left--)
            {
                Commit(id, SessionRules.Send(Store.Sessions[id], new() { OperationId = NewId(), By = Author.Warroom, Text = "of old" }, SessionActivation.Bot, NewId(), DateTimeOffset.UnixEpoch));
                var live = Store.Sessions[id].Live!;
                Commit(id, SessionRules.End(Store.Sessions[id], SessionRules.Interrupted(live with { Text = "so it was" }, DateTimeOffset.UnixEpoch)));
            }
        }
    }

    protected override void Act()
    {
        if (Time.NowMs >= FaultsUntilMs) return;
        Time.After(Random.Next(1, 300), Act);
        var id = AnyLog();
        var silo = Cluster.Silos.FirstOrDefault(silo => silo is { IsPaused: false } && silo.Mesh.HomeOf(WarroomStreams.Session(id)) == silo.Name);
        silo?.Start(() => CommandAsync(silo, id), OnFailed);
    }

    protected override SimulatedViewer Come(Guid id, int number)
    {
        // What a page keeps has no reply in flight.
        var start = Random.Next(2) == 0 ? 0 : Random.Next(0, Store.Logs[id].Count + 1);
        while (start > 0 && WarroomJson.SessionEventOf(Store.Logs[id][start - 1].Body) is ReplyStarted) start--;
        return new SessionViewer(this, id, number, start);
    }

    protected override void Check(SimulatedViewer viewer)
    {
        var (log, shown) = (Store.Logs[viewer.Topic], (SessionViewer)viewer);
        var live = Store.Sessions[viewer.Topic].Live;
        Require(viewer.Last == log.Count, $"{viewer} has {viewer.Last} events, the log has {log.Count}");
        Require(live is null || Grains.Find(viewer.Topic)?.Runs(live.ReplyId) == true, $"{Name(live?.ReplyId)} is in flight, and nobody runs it");
        Require(shown.LiveReply == live?.ReplyId, $"{viewer} shows {Name(shown.LiveReply)} as in flight, it is {Name(live?.ReplyId)}");
        var expected = SessionHistory.Fold(log).Select(message => message.Status == ReplyStatus.Streaming ? message with { Text = Replies[message.Id].Text } : message).ToList();
        Require(shown.Messages.Count <= expected.Count && (shown.Messages.Count > 0 || expected.Count == 0), $"{viewer} shows {shown.Messages.Count} messages, there are {expected.Count}");
        for (var i = 1; i <= shown.Messages.Count; i++)
        {
            var (has, should) = (shown.Messages[^i], expected[^i]);
            Require((has.Id, has.Status, has.Text) == (should.Id, should.Status, should.Text), $"{viewer} shows '{has.Text}' ({has.Status}) where '{should.Text}' ({should.Status}) should be");
        }
    }

    private string Name(Guid? replyId) => replyId is { } id ? Replies[id].ToString() : "none";

    private void Commit(Guid id, SessionDecision decision) => OnCommitted(id, null, Store.Commit(id, decision));

    private async Task CommandAsync(StreamProcess silo, Guid id)
    {
        try
        {
            (await Grains.ActivateAsync(silo, id)).Command();
        }
        catch (Exception exception) when (exception is IOException or TimeoutException or Orleans.Runtime.SiloUnavailableException)
        {
            // Whoever gave the command is told, and gives it again.
        }
    }
}
