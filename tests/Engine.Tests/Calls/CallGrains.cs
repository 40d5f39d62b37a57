using Orleans.Concurrency;
using Warroom.Engine.Tests.Support;

namespace Warroom.Engine.Tests.Calls;

[GenerateSerializer, Immutable, Alias("engine-tests.letter")]
public sealed record Letter([property: Id(0)] string Text, [property: Id(1)] IReadOnlyList<int> Numbers, [property: Id(2)] DayOfWeek Day);

[GenerateSerializer, Alias("engine-tests.odd")]
public sealed class OddException(string message, int code) : Exception(message)
{
    [Id(0)]
    public int Code { get; } = code;
}

public interface IKindsGrain : IGrainWithStringKey
{
    Task Nothing();

    Task<int> Number(int number);

    Task<string> Number(string number);

    ValueTask Light();

    ValueTask<string?> LightText(string? text);

    Task<T> Generic<T>(T value);

    Task<Letter> Answer(Letter letter);

    Task<IKindsGrain> Itself();

    Task<int> Ask(IKindsGrain other, int number);

    Task<int> Optional(int number = 7);

    Task Throw();

    Task ThrowAtOnce();

    ValueTask<int> ThrowLight();

    Task<int> PassOn(string otherKey);
}

public sealed class KindsGrain : Grain, IKindsGrain
{
    private int _calls;

    public Task Nothing()
    {
        _calls++;
        return Task.CompletedTask;
    }

    public Task<int> Number(int number) => Task.FromResult(number + _calls);

    public Task<string> Number(string number) => Task.FromResult($"text {number}");

    public async ValueTask Light()
    {
        await Task.Yield();
        _calls++;
    }

    public ValueTask<string?> LightText(string? text) => ValueTask.FromResult(text);

    public async Task<T> Generic<T>(T value)
    {
        await Task.Yield();
        return value;
    }

    public Task<Letter> Answer(Letter letter) => Task.FromResult(letter with { Text = $"Re: {letter.Text}", Day = letter.Day + 1 });

    public Task<IKindsGrain> Itself() => Task.FromResult(this.AsReference<IKindsGrain>());

    public Task<int> Ask(IKindsGrain other, int number) => other.Number(number);

    public Task<int> Optional(int number = 7) => Task.FromResult(number);

    public async Task Throw()
    {
        await Task.Yield();
        throw new OddException("odd", 41);
    }

    public Task ThrowAtOnce() => throw new InvalidCastException("inner to be kept", new FormatException("inner"));

    public async ValueTask<int> ThrowLight()
    {
        await Task.Yield();
        throw new KeyNotFoundException("light");
    }

    public async Task<int> PassOn(string otherKey)
    {
        await GrainFactory.GetGrain<IKindsGrain>(otherKey).Throw();
        return 1;
    }
}

public interface IOneWayGrain : IGrainWithStringKey
{
    [OneWay]
    Task Hold(string line);

    [OneWay]
    Task Fail();

    [OneWay]
    Task FailLater();

    [OneWay]
    Task Note(string line);
}

public sealed class OneWayGrain : Grain, IOneWayGrain
{
    private Recording Recording => Recording.Of(this.GetPrimaryKeyString());

    public async Task Hold(string line)
    {
        await Recording.GateAsync();
        Recording.Add(line);
    }

    public Task Fail()
    {
        Recording.Add("fails");
        throw new InvalidOperationException("Nobody hears of this.");
    }

    public async Task FailLater()
    {
        await Task.Yield();
        Recording.Add("fails later");
        throw new InvalidOperationException("Nor of this.");
    }

    public Task Note(string line)
    {
        Recording.Add(line);
        return Task.CompletedTask;
    }
}

public interface ISlowGrain : IGrainWithStringKey
{
    [ResponseTimeout("00:00:00.2")]
    Task HoldShortly();

    Task<string> Hold(string name, CancellationToken cancellationToken = default);

    [AlwaysInterleave]
    Task<bool> HeldTokenIsCancelled();

    Task<string> HoldOther(string otherKey, string name, CancellationToken cancellationToken);

    Task Say(string line);
}

public sealed class SlowGrain : Grain, ISlowGrain
{
    private CancellationToken _held;

    private Recording Recording => Recording.Of(this.GetPrimaryKeyString());

    public async Task HoldShortly()
    {
        Recording.Add("begins");
        await Recording.GateAsync();
        Recording.Add("ends");
    }

    public async Task<string> Hold(string name, CancellationToken cancellationToken = default)
    {
        _held = cancellationToken;
        Recording.Add($"{name} begins");
        try
        {
            await Recording.GateAsync(name).WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Recording.Add(TaskScheduler.Current == TaskScheduler.Default ? $"{name} is cancelled off its scheduler" : $"{name} is cancelled");
            throw;
        }

        return name;
    }

    public Task<bool> HeldTokenIsCancelled() => Task.FromResult(_held.IsCancellationRequested);

    public Task<string> HoldOther(string otherKey, string name, CancellationToken cancellationToken) =>
        GrainFactory.GetGrain<ISlowGrain>(otherKey).Hold(name, cancellationToken);

    public Task Say(string line)
    {
        Recording.Add(line);
        return Task.CompletedTask;
    }
}

public interface ISenderGrain : IGrainWithStringKey
{
    Task Send(string to, int count);
}

public interface IReceiverGrain : IGrainWithStringKey
{
    Task Receive(int number);

    Task<List<int>> Received();
}

public sealed class SenderGrain : Grain, ISenderGrain
{
    public Task Send(string to, int count)
    {
        var receiver = GrainFactory.GetGrain<IReceiverGrain>(to);
        return Task.WhenAll(Enumerable.Range(0, count).Select(receiver.Receive).ToList());
    }
}

public sealed class ReceiverGrain : Grain, IReceiverGrain
{
    private readonly List<int> _received = [];

    public async Task Receive(int number)
    {
        if (number % 7 == 0) await Task.Yield();
        _received.Add(number);
    }

    public Task<List<int>> Received() => Task.FromResult(_received.ToList());
}
