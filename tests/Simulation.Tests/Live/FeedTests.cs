namespace Warroom.Simulation.Live;

/// <summary>From a grain's commit to the pages that show it: streams, feeds, their audits and the outboxes of connections are the product's own.</summary>
public sealed class FeedTests
{
    [Fact]
    public void Feeds_UnderFaults_ShowEachEventOnceInOrder()
    {
        long committed = 0, asked = 0, behind = 0, lost = 0, stopped = 0, reads = 0, kills = 0, views = 0;
        Seeds.Run(
            nameof(Feeds_UnderFaults_ShowEachEventOnceInOrder), 1000,
            (seed, story) =>
            {
                var world = new FeedWorld(seed, LiveMutation.None, story);
                world.Play();
                Interlocked.Add(ref committed, world.Counts.Committed);
                Interlocked.Add(ref asked, world.Counts.Asked);
                Interlocked.Add(ref behind, world.Counts.Behind);
                Interlocked.Add(ref lost, world.Counts.Lost);
                Interlocked.Add(ref stopped, world.Counts.Stopped);
                Interlocked.Add(ref reads, world.Counts.Reads);
                Interlocked.Add(ref kills, world.Faults.Kills);
                Interlocked.Add(ref views, world.Faults.Views);
            },
            () => $"{committed} events committed; viewers asked {asked} times, {behind} times because they were behind, lost {lost} connections and stopped reading {stopped} times; "
                + $"front ends read the log {reads} times; {kills} processes died, {views} views");
        if (Environment.GetEnvironmentVariable(Seeds.OneVariable) is not null) return;

        // Faults that changed nothing show nothing.
        Assert.All([committed, asked, behind, lost, stopped, reads, kills, views], count => Assert.InRange(count, 100, long.MaxValue));
    }

    [Theory]
    [InlineData(LiveMutation.NoAudit)]
    [InlineData(LiveMutation.BehindNotTold)]
    [InlineData(LiveMutation.NoBounds)]
    [InlineData(LiveMutation.GapNotRead)]
    [InlineData(LiveMutation.AnswerBeforeJoining)]
    [InlineData(LiveMutation.NoOrder)]
    [InlineData(LiveMutation.NoResume)]
    [InlineData(LiveMutation.RefusedForGood)]
    public void Feeds_WithAGuardSwitchedOff_AreSeenToFail(LiveMutation mutation)
    {
        var failure = Seeds.FirstFailure(1000, (seed, story) => new FeedWorld(seed, mutation, story).Play());
        Assert.NotNull(failure);
        Console.WriteLine($"{mutation}: seed {failure.Value.Seed} finds it: {failure.Value.Found.Message}");
    }

    [Fact]
    public void World_OfOneSeed_IsTheSameEachTime()
    {
        var (first, second) = (new Story(isTold: true), new Story(isTold: true));
        new FeedWorld(7, LiveMutation.None, first).Play();
        new FeedWorld(7, LiveMutation.None, second).Play();
        Assert.Equal(first.ToString(), second.ToString());
        Assert.NotEmpty(first.ToString());
    }
}
