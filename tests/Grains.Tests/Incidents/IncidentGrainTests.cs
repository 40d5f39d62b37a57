using Orleans.Storage;
using Warroom.Cluster;
using Warroom.Persistence;
using Warroom.Streams;
using Warroom.Testing.Persistence;
using static Warroom.Incidents.IncidentSamples;

namespace Warroom.Incidents;

public sealed class IncidentGrainTests(GrainCluster cluster) : IClassFixture<GrainCluster>, IDisposable
{
    private readonly Guid _id = Guid.CreateVersion7();

    private IIncidentGrain Incident => cluster.Grains.GetGrain<IIncidentGrain>(_id);

    public void Dispose()
    {
        cluster.Log.Release();
        cluster.Log.Fault = _ => AppendFault.None;
    }

    [Fact]
    public async Task Commands_AreAnsweredWithTheirNumbers_AndResendsWithTheSame()
    {
        Assert.Null(await Incident.GetAsync());
        var open = Open();
        var post = Post();

        var opened = await Incident.OpenAsync(open);
        var posted = await Incident.PostAsync(post);
        var changed = await Incident.ChangeAsync(To(IncidentStatus.Investigating) with { Severity = Severity.Critical });

        Assert.Equal((1L, false, "Checkout is slow"), (opened.Seq, opened.Repeated, opened.Incident.Title));
        Assert.Equal((2L, 4L), (posted.Seq, changed.Seq));
        Assert.Equal((1L, true), await AnswerAsync(Incident.OpenAsync(open)));
        Assert.Equal((2L, true), await AnswerAsync(Incident.PostAsync(post)));
        var view = await Incident.GetAsync();
        Assert.Equal((4L, IncidentStatus.Investigating, Severity.Critical), (view!.Version, view.Status, view.Severity));

        await cluster.DeactivateAllAsync();
        Assert.Equal((1L, true), await AnswerAsync(Incident.OpenAsync(open)));
        Assert.Equal((2L, true), await AnswerAsync(Incident.PostAsync(post)));
        Assert.Equal(4, (await Incident.GetAsync())!.Version);
        CheckChain();
    }

    [Fact]
    public async Task Refusals_ReachTheCallerWithCodeAndSentence_AndWriteNothing()
    {
        var refusal = await Assert.ThrowsAsync<DomainException>(() => Incident.OpenAsync(Open(" ")));
        Assert.Equal((RefusalKind.Invalid, "incident.title_required", "Title is required"), (refusal.Kind, refusal.ErrorCode, refusal.Message));
        Assert.Equal("incident.not_found", (await Assert.ThrowsAsync<DomainException>(() => Incident.PostAsync(Post()))).ErrorCode);
        Assert.Null(await Incident.GetAsync());

        await Incident.OpenAsync(Open());
        var unchanged = await Incident.ChangeAsync(Change() with { Severity = Severity.High });
        Assert.Equal((1L, false), (unchanged.Seq, unchanged.Repeated));
        Assert.Single(cluster.Log.Events(_id));
    }

    [Fact]
    public async Task Listeners_HearEveryEventOnceInOrder_WithTheIncidentAfterIt()
    {
        var updates = await cluster.ListenAsync<IncidentUpdate>(WarroomStreams.Incident(_id));
        var summaries = await cluster.ListenAsync<IncidentSummary>(WarroomStreams.Incidents);

        await Incident.OpenAsync(Open());
        await Incident.PostAsync(Post());
        await Incident.ChangeAsync(To(IncidentStatus.Resolved));

        var heard = new List<LoggedEvent>();
        IncidentUpdate update;
        do
        {
            update = await GrainCluster.NextAsync(updates);
            heard.AddRange(update.Events);
            Assert.Equal(update.Events[^1].Seq, update.Incident.Version);
        }
        while (heard.Count < 3);
        Assert.Equal(cluster.Log.Events(_id), heard);
        Assert.Equal(IncidentStatus.Resolved, update.Incident.Status);

        IncidentSummary summary;
        do
            summary = await GrainCluster.NextAsync(summaries);
        while (summary.Id != _id || summary.Version < 3);
        Assert.NotNull(summary.ResolvedAt);
    }

    [Fact]
    public async Task ManyAtOnce_AreHandedOverBeforeTheFirstIsStored_AndReadsSeeWhatIsStored()
    {
        const int Posts = 50;
        await Incident.OpenAsync(Open());
        cluster.Log.Hold();

        var answers = Enumerable.Range(0, Posts).Select(_ => Incident.PostAsync(Post())).ToList();
        var held = (await cluster.Log.WhenHeldAsync(Posts)).Where(append => append.Append.OwnerId == _id).ToList();

        Assert.Equal(Enumerable.Range(1, Posts).Select(version => (long)version), held.Select(append => append.Append.ExpectedVersion));
        Assert.Equal(1, (await Incident.GetAsync())!.Version);
        foreach (var append in held)
            append.Complete();
        var seqs = (await Eventually.CompletesAsync("all posts", Task.WhenAll(answers))).Select(ack => ack.Seq).Order();
        Assert.Equal(Enumerable.Range(2, Posts).Select(seq => (long)seq), seqs);
        CheckChain();
    }

    [Fact]
    public async Task AnotherActivationWrote_EndsThisOne_AndTheResendReachesTheNext()
    {
        await Incident.OpenAsync(Open());
        cluster.Log.Steal(_id);
        var post = Post();

        await Assert.ThrowsAsync<InconsistentStateException>(() => Incident.PostAsync(post));
        IncidentAck? ack = null;
        await Eventually.SucceedsAsync("the next activation to answer", async () => ack = await Incident.PostAsync(post));

        Assert.Equal((2L, false), (ack!.Seq, ack.Repeated));
        CheckChain();
    }

    [Fact]
    public async Task UnknownOutcome_IsSaidToBeUnknown_AndTheResendFindsOut()
    {
        await Incident.OpenAsync(Open());
        var left = 1;
        cluster.Log.Fault = append => append.OwnerId == _id && Interlocked.Decrement(ref left) == 0 ? AppendFault.UnknownApplied : AppendFault.None;
        var post = Post();

        var refusal = await Assert.ThrowsAsync<DomainException>(() => Incident.PostAsync(post));
        Assert.Equal((RefusalKind.Unknown, "incident.outcome_unknown"), (refusal.Kind, refusal.ErrorCode));
        Assert.Equal((2L, true), await AnswerAsync(Incident.PostAsync(post)));
        Assert.Equal(2, cluster.Log.Events(_id).Count);
    }

    private static async Task<(long Seq, bool Repeated)> AnswerAsync(Task<IncidentAck> answer)
    {
        var ack = await answer;
        return (ack.Seq, ack.Repeated);
    }

    private void CheckChain()
    {
        var hash = EventHash.Genesis;
        foreach (var logged in cluster.Log.Events(_id))
        {
            hash = EventHash.Next(hash, _id, logged.Seq, logged.Body);
            Assert.Equal(hash, logged.Hash);
        }
    }
}
