using System.Runtime.CompilerServices;
using Warroom.Engine.Tests.Support;

namespace Warroom.Engine.Tests.Sequences;

public interface ICountingGrain : IGrainWithStringKey
{
    IAsyncEnumerable<int> Count(int to, CancellationToken cancellationToken = default);

    IAsyncEnumerable<string> Gated();

    IAsyncEnumerable<int> FailAfter(int count);

    Task<int> Produced();

    Task<string> Collect(string otherKey, int count);
}

public sealed class CountingGrain : Grain, ICountingGrain
{
    private int _produced;

    private Recording Recording => Recording.Of(this.GetPrimaryKeyString());

    public async IAsyncEnumerable<int> Count(int to, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Recording.Add("begins");
        try
        {
            for (var i = 0; i < to; i++)
            {
                _produced++;
                yield return i;
                if (i % 64 == 63) await Task.Yield();
            }

            if (to < 0)
            {
                yield return -1;
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            }
        }
        finally
        {
            Recording.Add("ends");
        }
    }

    public async IAsyncEnumerable<string> Gated()
    {
        yield return "first";
        await Recording.GateAsync();
        yield return "second";
    }

    public async IAsyncEnumerable<int> FailAfter(int count)
    {
        for (var i = 0; i < count; i++) yield return i;
        await Task.Yield();
        throw new FormatException("no more");
    }

    public Task<int> Produced() => Task.FromResult(_produced);

    public async Task<string> Collect(string otherKey, int count)
    {
        var numbers = new List<int>();
        await foreach (var number in GrainFactory.GetGrain<ICountingGrain>(otherKey).Count(count)) numbers.Add(number);
        return string.Join(",", numbers);
    }
}

/// <summary>Grain methods that return a sequence.</summary>
public sealed class SequenceTests(EngineCluster cluster)
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1000)]
    public async Task Sequence_ArrivesWholeAndInOrder(int count)
    {
        var numbers = new List<int>();
        await foreach (var number in Grain($"{this.Key()} {count}").Count(count)) numbers.Add(number);
        Assert.Equal(Enumerable.Range(0, count), numbers);
    }

    [Fact]
    public async Task Sequence_ReadByAGrain_ArrivesWhole() => Assert.Equal("0,1,2", await Grain(this.Key()).Collect(this.Key() + " other", 3).Soon());

    [Fact]
    public async Task Sequence_NotBegunToBeRead_DoesNotRun()
    {
        var grain = Grain(this.Key());
        var sequence = grain.Count(5);
        Assert.Equal(0, await grain.Produced());
        await using var reader = sequence.GetAsyncEnumerator();
        Assert.Equal(0, await grain.Produced());
        Assert.True(await reader.MoveNextAsync().AsTask().Soon());
        Assert.Contains("begins", Recording.Of(this.Key()).Lines);
    }

    [Theory]
    [InlineData(4, 1000)]
    [InlineData(300, 500)]
    public async Task Sequence_LeftEarly_EndsInTheGrainAndRanAheadABoundedWay(int read, int producedMax)
    {
        var key = $"{this.Key()} {read}";
        await foreach (var number in Grain(key).Count(1_000_000))
        {
            if (number == read - 1) break;
        }

        await Recording.Of(key).HasAsync("ends");
        Assert.InRange(await Grain(key).Produced(), read, producedMax);
    }

    [Fact]
    public async Task Sequence_WhileItWaits_LetsCallsIn()
    {
        await using var reader = Grain(this.Key()).Gated().GetAsyncEnumerator();
        Assert.True(await reader.MoveNextAsync().AsTask().Soon());
        var next = reader.MoveNextAsync().AsTask();
        Assert.Equal(0, await Grain(this.Key()).Produced().Soon());
        Assert.Equal("first", reader.Current);
        Recording.Of(this.Key()).Open();
        Assert.True(await next.Soon());
        Assert.Equal("second", reader.Current);
        Assert.False(await reader.MoveNextAsync().AsTask().Soon());
    }

    [Fact]
    public async Task Sequence_ThatFails_GivesWhatCameBefore()
    {
        var numbers = new List<int>();
        var exception = await Assert.ThrowsAsync<FormatException>(async () =>
        {
            await foreach (var number in Grain(this.Key()).FailAfter(5)) numbers.Add(number);
        });
        Assert.Equal("no more", exception.Message);
        Assert.Equal(Enumerable.Range(0, 5), numbers);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sequence_Cancelled_EndsBothSides(bool asArgument)
    {
        using var token = new CancellationTokenSource();
        var key = $"{this.Key()} {asArgument}";
        var sequence = asArgument ? Grain(key).Count(-1, token.Token) : Grain(key).Count(-1).WithCancellation(token.Token).ToSequence();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in sequence) await token.CancelAsync();
        }).Soon();
        await Recording.Of(key).HasAsync("ends");
    }

    private ICountingGrain Grain(string key) => cluster.Client.GetGrain<ICountingGrain>(key);
}

internal static class ConfiguredSequences
{
    public static async IAsyncEnumerable<T> ToSequence<T>(this ConfiguredCancelableAsyncEnumerable<T> sequence)
    {
        await foreach (var item in sequence) yield return item;
    }
}
