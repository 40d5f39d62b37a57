using Warroom.Operations;

namespace Warroom.Silo.Tests.Operations;

public sealed class SiloStateTests
{
    [Theory]
    [InlineData("active", null, 0, SiloState.Active)]
    [InlineData("active", null, 14, SiloState.Active)]
    [InlineData("active", null, 16, SiloState.Dead)]
    [InlineData("stopped", null, 16, SiloState.Stopped)]
    [InlineData("stopped", "Dead", 16, SiloState.Stopped)]
    [InlineData("active", "Dead", 0, SiloState.Dead)]
    [InlineData("active", "Active", 600, SiloState.Active)]
    [InlineData("active", "ShuttingDown", 0, SiloState.Draining)]
    [InlineData("draining", "Active", 0, SiloState.Draining)]
    [InlineData("starting", "Joining", 0, SiloState.Starting)]
    [InlineData(null, "Joining", -1, SiloState.Starting)]
    [InlineData(null, "Active", -1, SiloState.Active)]
    public void StateOf_WordOfSiloAndMembership_TheSurerOneCounts(string? reported, string? member, int silence, SiloState expected) =>
        Assert.Equal(expected, ClusterQueries.StateOf(reported, member, silence < 0 ? null : TimeSpan.FromSeconds(silence)));
}
