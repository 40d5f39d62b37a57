using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Orleans.Concurrency;
using Warroom.Engine.Tests.Support;

namespace Warroom.Engine.Tests.Cluster;

/// <summary>Says where it is, and does what can go wrong between processes.</summary>
[Alias("tests.cluster.place")]
public interface IPlaceGrain : IGrainWithStringKey
{
    [Alias("where")]
    Task<string> Where();

    [Alias("echo")]
    Task<string> Echo(string text);

    [Alias("where-of")]
    Task<string> WhereOf(IPlaceGrain other);

    [Alias("note")]
    Task Note(int number);

    [Alias("note-to")]
    Task NoteTo(IPlaceGrain other, int count);

    [Alias("hold")]
    Task Hold(string gate, CancellationToken cancellationToken = default);

    [Alias("never"), ResponseTimeout("00:00:00.500")]
    Task Never();

    [Alias("fail")]
    Task Fail(string text);

    [Alias("hint"), OneWay]
    Task Hint(string text);

    [Alias("value")]
    Task<string?> ValueThrough(IPlaceGrain? other, string key);

    [Alias("comes-back")]
    Task<string> ComesBack(IPlaceGrain other, bool allowed);

    [Alias("call-back")]
    Task<string> CallBack(IPlaceGrain caller);

    [Alias("numbers")]
    IAsyncEnumerable<int> Numbers(int count, CancellationToken cancellationToken = default);

    [Alias("tell")]
    Task Tell(IPlaceListener listener, int count);

    [Alias("big")]
    Task<byte[]> Big(byte[] bytes, int answerSize);
}

[Alias("tests.cluster.listener")]
public interface IPlaceListener : IGrainObserver
{
    [Alias("hear")]
    Task<int> Hear(int number);
}

[GenerateSerializer, Alias("tests.cluster.failure")]
public sealed class PlaceFailureException(string message) : Exception(message);

public sealed class PlaceGrain(ILocalSiloDetails silo) : Grain, IPlaceGrain
{
    /// <summary>Which activation each grain has; two at once would show in <see cref="Doubled"/>. Killed silos leave theirs behind.</summary>
    public static readonly ConcurrentDictionary<string, string> Active = new();

    public static readonly ConcurrentQueue<string> Doubled = new();

    private Recording Recording => Recording.Of(this.GetPrimaryKeyString());

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var me = $"{silo.SiloAddress} {GrainContext.ActivationId}";
        if (!Active.TryAdd(IdentityString, me)) Doubled.Enqueue($"{IdentityString}: {me} beside {Active[IdentityString]}");
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Active.TryRemove(IdentityString, out _);
        return Task.CompletedTask;
    }

    public Task<string> Where() => Task.FromResult(silo.SiloAddress.ToParsableString());

    public Task<string> Echo(string text) => Task.FromResult(text);

    public Task<string> WhereOf(IPlaceGrain other) => other.Where();

    public Task Note(int number)
    {
        Recording.Add($"{number}");
        return Task.CompletedTask;
    }

    public async Task NoteTo(IPlaceGrain other, int count)
    {
        var calls = Enumerable.Range(0, count).Select(number => other.Note(number)).ToList();
        await Task.WhenAll(calls);
    }

    public async Task Hold(string gate, CancellationToken cancellationToken = default)
    {
        Recording.Add($"{gate} begins");
        try
        {
            await Recording.GateAsync(gate).WaitAsync(cancellationToken);
            Recording.Add($"{gate} ends");
        }
        catch (OperationCanceledException)
        {
            Recording.Add($"{gate} cancelled");
            throw;
        }
    }

    public Task Never() => new TaskCompletionSource().Task;

    public Task Fail(string text) => throw new PlaceFailureException(text);

    public Task Hint(string text)
    {
        Recording.Add(text);
        return text.StartsWith("bad", StringComparison.Ordinal) ? throw new PlaceFailureException(text) : Task.CompletedTask;
    }

    public Task<string?> ValueThrough(IPlaceGrain? other, string key) =>
        other is null ? Task.FromResult(RequestContext.Get(key) as string) : other.ValueThrough(null, key);

    public async Task<string> ComesBack(IPlaceGrain other, bool allowed)
    {
        if (!allowed) return await other.CallBack(this.AsReference<IPlaceGrain>());
        using var section = RequestContext.AllowCallChainReentrancy();
        return await other.CallBack(this.AsReference<IPlaceGrain>());
    }

    public async Task<string> CallBack(IPlaceGrain caller) => $"{await caller.Echo("back")} and forth";

    public async IAsyncEnumerable<int> Numbers(int count, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Recording.Add("numbers begin");
        try
        {
            for (var i = 0; i < count; i++)
            {
                if (i % 50 == 49) await Task.Yield();
                cancellationToken.ThrowIfCancellationRequested();
                Recording.Add($"{i}");
                yield return i;
            }

            if (count < 0) throw new PlaceFailureException("no numbers");
        }
        finally
        {
            Recording.Add("numbers end");
        }
    }

    public async Task Tell(IPlaceListener listener, int count)
    {
        for (var i = 0; i < count; i++) await listener.Hear(i);
    }

    public Task<byte[]> Big(byte[] bytes, int answerSize) => Task.FromResult(new byte[answerSize]);
}
