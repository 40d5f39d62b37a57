namespace Warroom.Simulation.Cluster;

/// <summary>
/// Who may have a grain active, in a cluster under faults. The decisions are the engine's own (<c>MemberLogic</c>, <c>Ownership</c>, <c>MembershipRules</c>);
/// time, network, store and silos are simulated.
/// </summary>
public sealed class OwnershipTests
{
    [Fact]
    public void Ownership_UnderFaults_IsNeverTwoSilosAndIsFoundAgain()
    {
        long kills = 0, pauses = 0, leaves = 0, lapses = 0, deaths = 0, replaced = 0, before = 0, after = 0, served = 0, events = 0;
        Seeds.Run(
            nameof(Ownership_UnderFaults_IsNeverTwoSilosAndIsFoundAgain), 1000,
            (seed, story) =>
            {
                var world = new ClusterWorld(seed, Mutation.None, story);
                world.Play();
                Interlocked.Add(ref kills, world.Faults.Kills);
                Interlocked.Add(ref pauses, world.Faults.Pauses);
                Interlocked.Add(ref leaves, world.Faults.Leaves);
                Interlocked.Add(ref lapses, world.Faults.Lapses);
                Interlocked.Add(ref deaths, world.Faults.Deaths);
                Interlocked.Add(ref replaced, world.Faults.Replaced);
                Interlocked.Add(ref before, world.Faults.FailedBefore);
                Interlocked.Add(ref after, world.Faults.FailedAfter);
                Interlocked.Add(ref served, world.Served);
                Interlocked.Add(ref events, world.Time.Events);
            },
            () => $"{events} events, {served} calls served, {kills} kills, {pauses} pauses, {leaves} leaves, {lapses} leases lost, {deaths} declarations of death, {replaced} by who was in the place, "
                + $"{before} operations lost before and {after} after they were done");
        if (Environment.GetEnvironmentVariable(Seeds.OneVariable) is not null) return;

        // Faults that changed nothing show nothing.
        Assert.All([kills, pauses, leaves, lapses, deaths, replaced, before, after, served], count => Assert.InRange(count, 100, long.MaxValue));
    }

    [Theory]
    [InlineData(Mutation.NoLease)]
    [InlineData(Mutation.NoHandOverWait)]
    [InlineData(Mutation.EarlyReport)]
    [InlineData(Mutation.UnconditionalDeath)]
    [InlineData(Mutation.LeaseFromAnswer)]
    [InlineData(Mutation.LeaseByJoining)]
    [InlineData(Mutation.SharedPlaces)]
    [InlineData(Mutation.ClocksTooDifferent)]
    public void Ownership_WithAGuardSwitchedOff_IsSeenToFail(Mutation mutation)
    {
        var failure = Seeds.FirstFailure(1000, (seed, story) => new ClusterWorld(seed, mutation, story).Play());
        Assert.NotNull(failure);
        Console.WriteLine($"{mutation}: seed {failure.Value.Seed} finds it: {failure.Value.Found.Message}");
    }

    [Fact]
    public void World_OfOneSeed_IsTheSameEachTime()
    {
        var (first, second) = (new Story(isTold: true), new Story(isTold: true));
        new ClusterWorld(7, Mutation.None, first).Play();
        new ClusterWorld(7, Mutation.None, second).Play();
        Assert.Equal(first.ToString(), second.ToString());
        Assert.NotEmpty(first.ToString());
    }
}
