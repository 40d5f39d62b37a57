using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Embedded;
using Orleans.Embedded.Activations;
using Orleans.Runtime;
using Warroom.Engine.Tests.Support;

namespace Warroom.Engine.Tests.Cluster;

/// <summary>Sequences whose grain minds how they are cancelled.</summary>
[Alias("tests.cluster.touchy")]
public interface ITouchyGrain : IGrainWithStringKey
{
    [Alias("touchy-numbers")]
    IAsyncEnumerable<int> Numbers(CancellationToken cancellationToken = default);

    [Alias("touchy-where")]
    Task<string> Where();
}

public sealed class TouchyGrain(ILocalSiloDetails silo) : Grain, ITouchyGrain
{
    public async IAsyncEnumerable<int> Numbers([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var recording = Recording.Of(this.GetPrimaryKeyString());
        await using var registration = cancellationToken.Register(() =>
        {
            recording.Add(ActivationContext.OfThisTurn is null ? "cancelled beside its turns" : "cancelled in a turn");
            throw new InvalidOperationException("what a grain does when it is cancelled");
        });
        yield return 1;
        await recording.GateAsync("more");
        yield return 2;
    }

    public Task<string> Where() => Task.FromResult(silo.SiloAddress.ToParsableString());
}

public sealed class ClusterSequenceTests(ThreeSilos silos)
{
    [Fact]
    public async Task ShortSequences_OfManyCallers_AllBeginAndEnd()
    {
        const int Rounds = 300;
        var grains = await ThreeSilos.OneInEachAsync(silos.Cluster, this.Key());
        await Task.WhenAll(Enumerable.Range(0, 12).Select(async caller =>
        {
            for (var round = 0; round < Rounds; round++)
            {
                var count = 0;
                await foreach (var _ in grains[caller % grains.Count].Numbers(round % 3)) count++;
                Assert.Equal(round % 3, count);
            }
        })).Soon();

        await Eventually.HoldsAsync("no pending calls", () => Pending.Of(silos.Cluster) == 0);
    }

    [Fact]
    public async Task Sequence_WhoseCallerIsLost_IsCancelledInATurn_AndWhatItThrowsHarmsNobody()
    {
        // One key, so that both are in one silo.
        await using var cluster = await ThreeSilos.StartAsync(silos: 2);
        var grain = cluster.Client.GetGrain<ITouchyGrain>(this.Key());
        var other = cluster.Client.GetGrain<IPlaceGrain>(this.Key());
        var silo = SiloAddress.FromParsableString(await other.Where());
        var link = cluster.Client.ServiceProvider.GetRequiredService<ClientRuntime>().Network.LinkTo(silo)!;

        await using var numbers = grain.Numbers().GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await numbers.MoveNextAsync().AsTask().Soon());
        var held = other.Hold("a");
        await Recording.Of(this.Key()).HasAsync("a begins");
        link.Connection!.Close(new IOException("cut by the test"), abruptly: true);

        await Recording.Of(this.Key()).HasAsync("cancelled in a turn");
        await Assert.ThrowsAsync<SiloUnavailableException>(() => held.Soon());
        Assert.Equal(silo.ToParsableString(), await grain.Where().Soon());
        Recording.Of(this.Key()).Open("a");
        Recording.Of(this.Key()).Open("more");
    }
}
