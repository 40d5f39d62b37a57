using Warroom.Simulation.Processes;

namespace Warroom.Simulation.Streams;

/// <summary>Streams across processes under faults: outboxes, homes, sessions, registrations and subscriptions are the engine's own; processes, their network and time are simulated.</summary>
public sealed class StreamTests
{
    [Fact]
    public void Streams_UnderFaults_LoseNothingUntold()
    {
        long published = 0, delivered = 0, told = 0, repeated = 0, overflows = 0, kills = 0, leaves = 0, pauses = 0, broken = 0, late = 0, silences = 0, views = 0;
        Seeds.Run(
            nameof(Streams_UnderFaults_LoseNothingUntold), 1000,
            (seed, story) =>
            {
                var world = new StreamWorld(seed, StreamMutation.None, story);
                world.Play();
                Interlocked.Add(ref published, world.Counts.Published);
                Interlocked.Add(ref delivered, world.Counts.Delivered);
                Interlocked.Add(ref told, world.Counts.Told);
                Interlocked.Add(ref repeated, world.Counts.Repeated);
                Interlocked.Add(ref overflows, world.Counts.Overflows);
                Interlocked.Add(ref kills, world.Faults.Kills);
                Interlocked.Add(ref leaves, world.Faults.Leaves);
                Interlocked.Add(ref pauses, world.Faults.Pauses);
                Interlocked.Add(ref silences, world.Faults.Silences);
                Interlocked.Add(ref views, world.Faults.Views);
                Interlocked.Add(ref broken, world.Broken);
                Interlocked.Add(ref late, world.Late);
            },
            () => $"{published} items published, {delivered} delivered, {repeated} of them again; subscribers were told {told} times, {overflows} times that they were too slow; {kills} processes died, {leaves} left, "
                + $"{pauses} stopped for a while, {views} views, {broken} connections broke under calls, {silences} fell silent, {late} calls arrived late");
        if (Environment.GetEnvironmentVariable(Seeds.OneVariable) is not null) return;

        // Faults that changed nothing show nothing.
        Assert.InRange(repeated, 10, long.MaxValue);
        Assert.All([published, delivered, told, overflows, kills, leaves, pauses, broken, late, silences, views], count => Assert.InRange(count, 100, long.MaxValue));
    }

    [Theory]
    [InlineData(StreamMutation.NoPublicationNumbers)]
    [InlineData(StreamMutation.OverflowNotTold)]
    [InlineData(StreamMutation.LostBatchUnnoticed)]
    [InlineData(StreamMutation.LostSessionUnnoticed)]
    [InlineData(StreamMutation.RegistrationNotDone)]
    [InlineData(StreamMutation.PlaceForgotten)]
    [InlineData(StreamMutation.NoBounds)]
    [InlineData(StreamMutation.DeadNotDropped)]
    public void Streams_WithAGuardSwitchedOff_AreSeenToFail(StreamMutation mutation)
    {
        var failure = Seeds.FirstFailure(1000, (seed, story) => new StreamWorld(seed, mutation, story).Play());
        Assert.NotNull(failure);
        Console.WriteLine($"{mutation}: seed {failure.Value.Seed} finds it: {failure.Value.Found.Message}");
    }

    [Fact]
    public void World_OfOneSeed_IsTheSameEachTime()
    {
        var (first, second) = (new Story(isTold: true), new Story(isTold: true));
        new StreamWorld(7, StreamMutation.None, first).Play();
        new StreamWorld(7, StreamMutation.None, second).Play();
        Assert.Equal(first.ToString(), second.ToString());
        Assert.NotEmpty(first.ToString());
    }
}
