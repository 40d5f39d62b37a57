namespace Warroom.Simulation.Log;

/// <summary>The log of a grain from the client's command to the viewer's page. The log itself is the product's own <c>PipelinedLog</c>; everything around it is simulated.</summary>
public sealed class LogTests
{
    [Fact]
    public void Log_UnderFaults_IsOneStoryForAll()
    {
        var all = new LogCounts();
        Seeds.Run(
            nameof(Log_UnderFaults_IsOneStoryForAll), 1000,
            (seed, story) =>
            {
                var world = new LogWorld(seed, LogMutation.None, story);
                world.Play();
                Interlocked.Add(ref all.FailedBefore, world.Counts.FailedBefore);
                Interlocked.Add(ref all.UnknownDone, world.Counts.UnknownDone);
                Interlocked.Add(ref all.UnknownNotDone, world.Counts.UnknownNotDone);
                Interlocked.Add(ref all.DoneLate, world.Counts.DoneLate);
                Interlocked.Add(ref all.Fenced, world.Counts.Fenced);
                Interlocked.Add(ref all.Killed, world.Counts.Killed);
                Interlocked.Add(ref all.Resumes, world.Counts.Resumes);
                Interlocked.Add(ref all.Answered, world.Counts.Answered);
                Interlocked.Add(ref all.Resent, world.Counts.Resent);
            },
            () => $"{all.Answered} commands answered, {all.Resent} resent; {all.FailedBefore} writes failed, {all.UnknownDone + all.UnknownNotDone} broke off, "
                + $"{all.DoneLate} were done late; {all.Killed} owners died, {all.Fenced} were fenced; viewers read {all.Resumes} times");
        if (Environment.GetEnvironmentVariable(Seeds.OneVariable) is not null) return;

        // Faults that changed nothing show nothing.
        Assert.All(
            [all.FailedBefore, all.UnknownDone, all.UnknownNotDone, all.DoneLate, all.Fenced, all.Killed, all.Resumes, all.Answered, all.Resent],
            count => Assert.InRange(count, 100, long.MaxValue));
    }

    [Theory]
    [InlineData(LogMutation.NoOperationIds)]
    [InlineData(LogMutation.UnknownIsFailure)]
    [InlineData(LogMutation.NoFencing)]
    [InlineData(LogMutation.NoOrder)]
    [InlineData(LogMutation.NoResume)]
    public void Log_WithAGuardSwitchedOff_IsSeenToFail(LogMutation mutation)
    {
        var failure = Seeds.FirstFailure(1000, (seed, story) => new LogWorld(seed, mutation, story).Play());
        Assert.NotNull(failure);
        Console.WriteLine($"{mutation}: seed {failure.Value.Seed} finds it: {failure.Value.Found.Message}");
    }

    [Fact]
    public void World_OfOneSeed_IsTheSameEachTime()
    {
        var (first, second) = (new Story(isTold: true), new Story(isTold: true));
        new LogWorld(7, LogMutation.None, first).Play();
        new LogWorld(7, LogMutation.None, second).Play();
        Assert.Equal(first.ToString(), second.ToString());
        Assert.NotEmpty(first.ToString());
    }
}
