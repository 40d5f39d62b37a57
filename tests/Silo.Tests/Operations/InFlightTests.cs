using Warroom.Hosting;
using Warroom.Testing;

namespace Warroom.Silo.Tests.Operations;

public sealed class InFlightTests
{
    [Fact]
    public async Task Close_RequestsInFlight_WaitsForTheLastAndTakesNoMore()
    {
        var inFlight = new InFlight();
        Assert.True(inFlight.TryEnter());
        Assert.True(inFlight.TryEnter());
        Assert.False(inFlight.IsClosed);

        var closed = inFlight.CloseAsync(CancellationToken.None);
        Assert.True(inFlight.IsClosed);
        Assert.False(inFlight.TryEnter());
        inFlight.Exit();
        Assert.False(closed.IsCompleted);
        Assert.Equal(1, inFlight.Count);
        inFlight.Exit();

        Assert.True(await closed.WaitAsync(Eventually.Timeout));
        Assert.False(inFlight.TryEnter());
    }

    [Fact]
    public async Task Close_NothingInFlight_IsDoneAtOnce() => Assert.True(await new InFlight().CloseAsync(CancellationToken.None).WaitAsync(Eventually.Timeout));

    [Fact]
    public async Task Close_OneNeverEnds_SaysSoWhenTimeIsUp()
    {
        var inFlight = new InFlight();
        inFlight.TryEnter();
        Assert.False(await inFlight.CloseAsync(new CancellationToken(canceled: true)));
    }
}
