using System.Collections.Concurrent;

namespace Warroom.Simulation.Live;

/// <summary>From a bot's token to the pages that show it: events of the log, and tokens that are not in it until the reply ends. Streams, feeds, their audits and the outboxes of connections are the product's own.</summary>
public sealed class SessionTests
{
    [Fact]
    public void Sessions_UnderFaults_ShowEachReplyWithoutAHole()
    {
        long committed = 0, begun = 0, continued = 0, halfWay = 0, asked = 0, behind = 0, lost = 0, stopped = 0, reads = 0, kills = 0, views = 0;
        var ends = new ConcurrentDictionary<string, long>(StringComparer.Ordinal);
        Seeds.Run(
            nameof(Sessions_UnderFaults_ShowEachReplyWithoutAHole), 1000,
            (seed, story) =>
            {
                var world = new SessionWorld(seed, LiveMutation.None, story);
                world.Play();
                Interlocked.Add(ref committed, world.Counts.Committed);
                Interlocked.Add(ref begun, world.Replies.Count);
                Interlocked.Add(ref continued, world.Replies.Values.Count(reply => reply.GoesOn));
                Interlocked.Add(ref halfWay, world.Counts.HalfWay);
                Interlocked.Add(ref asked, world.Counts.Asked);
                Interlocked.Add(ref behind, world.Counts.Behind);
                Interlocked.Add(ref lost, world.Counts.Lost);
                Interlocked.Add(ref stopped, world.Counts.Stopped);
                Interlocked.Add(ref reads, world.Counts.Reads);
                Interlocked.Add(ref kills, world.Faults.Kills);
                Interlocked.Add(ref views, world.Faults.Views);
                foreach (var reply in world.Replies.Values) ends.AddOrUpdate(reply.Ended?.ToString() ?? "in flight", 1, (_, count) => count + 1);
            },
            () => $"{committed} events committed; {begun} replies, {continued} of them went on with another ({string.Join(", ", ends.OrderBy(end => end.Key, StringComparer.Ordinal).Select(end => $"{end.Key} {end.Value}"))}); viewers asked {asked} times, "
                + $"{behind} times because they were behind, came half-way into a reply {halfWay} times, lost {lost} connections and stopped reading {stopped} times; front ends read the log or asked a grain {reads} times; "
                + $"{kills} processes died, {views} views");
        if (Environment.GetEnvironmentVariable(Seeds.OneVariable) is not null) return;

        // Faults that changed nothing show nothing.
        Assert.Equal(5, ends.Count);
        Assert.All([.. ends.Values, committed, begun, continued, halfWay, asked, behind, lost, stopped, reads, kills, views], count => Assert.InRange(count, 100, long.MaxValue));
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
    [InlineData(LiveMutation.BehindForgotten)]
    [InlineData(LiveMutation.EarlyDropped)]
    [InlineData(LiveMutation.OlderBelieved)]
    [InlineData(LiveMutation.LiveNotReloaded)]
    [InlineData(LiveMutation.TokensUnchecked)]
    [InlineData(LiveMutation.JoinedWithoutLive)]
    [InlineData(LiveMutation.EndedStaysLive)]
    public void Sessions_WithAGuardSwitchedOff_AreSeenToFail(LiveMutation mutation)
    {
        // Some take a coincidence of several faults.
        var failure = Seeds.FirstFailure(4000, (seed, story) => new SessionWorld(seed, mutation, story).Play());
        Assert.NotNull(failure);
        Console.WriteLine($"{mutation}: seed {failure.Value.Seed} finds it: {failure.Value.Found.Message}");
    }

    [Fact]
    public void World_OfOneSeed_IsTheSameEachTime()
    {
        var (first, second) = (new Story(isTold: true), new Story(isTold: true));
        new SessionWorld(7, LiveMutation.None, first).Play();
        new SessionWorld(7, LiveMutation.None, second).Play();
        Assert.Equal(first.ToString(), second.ToString());
        Assert.NotEmpty(first.ToString());
    }
}
