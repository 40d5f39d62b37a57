using Warroom.Engine.Tests.Support;

namespace Warroom.Engine.Tests.Observers;

public interface IListener : IGrainObserver
{
    Task Hear(int number);

    Task<int> Double(int number);
}

public interface ISpeakerGrain : IGrainWithStringKey
{
    Task Join(IListener listener);

    Task Leave(IListener listener);

    Task Speak(int count);

    Task<int> Ask(int number);
}

public sealed class SpeakerGrain : Grain, ISpeakerGrain
{
    private readonly HashSet<IListener> _listeners = [];

    public Task Join(IListener listener)
    {
        _listeners.Add(listener);
        return Task.CompletedTask;
    }

    public Task Leave(IListener listener)
    {
        _listeners.Remove(listener);
        return Task.CompletedTask;
    }

    public async Task Speak(int count)
    {
        for (var i = 0; i < count; i++)
        {
            foreach (var listener in _listeners) await listener.Hear(i);
        }
    }

    public Task<int> Ask(int number) => _listeners.Single().Double(number);
}

/// <summary>Objects of a client that grains call.</summary>
public sealed class ObserverTests(EngineCluster cluster)
{
    [Fact]
    public async Task Observers_Several_HearEverythingInOrder()
    {
        var listeners = Enumerable.Range(0, 3).Select(_ => new Listener()).ToList();
        foreach (var listener in listeners) await Speaker().Join(cluster.Client.CreateObjectReference<IListener>(listener));
        await Speaker().Speak(100).Soon();
        Assert.All(listeners, listener => Assert.Equal(Enumerable.Range(0, 100), listener.Heard));
    }

    [Fact]
    public async Task Observer_Asked_Answers()
    {
        var listener = new Listener();
        await Speaker().Join(cluster.Client.CreateObjectReference<IListener>(listener));
        Assert.Equal(42, await Speaker().Ask(21).Soon());
        GC.KeepAlive(listener);
    }

    [Fact]
    public async Task Observer_ThatThrows_TellsTheGrain()
    {
        var listener = new Listener();
        await Speaker().Join(cluster.Client.CreateObjectReference<IListener>(listener));
        Assert.Equal("odd", (await Assert.ThrowsAsync<NotSupportedException>(() => Speaker().Ask(1).Soon())).Message);
        GC.KeepAlive(listener);
    }

    [Fact]
    public async Task Reference_GivenTwice_IsTheSameObserver()
    {
        var listener = new Listener();
        var reference = cluster.Client.CreateObjectReference<IListener>(listener);
        await Speaker().Join(reference);
        await Speaker().Join(reference);
        await Speaker().Speak(1).Soon();
        Assert.Equal([0], listener.Heard);
        await Speaker().Leave(reference);
        await Speaker().Speak(1).Soon();
        Assert.Equal([0], listener.Heard);
    }

    private ISpeakerGrain Speaker([System.Runtime.CompilerServices.CallerMemberName] string name = "") => cluster.Client.GetGrain<ISpeakerGrain>(this.Key(name));

    private sealed class Listener : IListener
    {
        private readonly List<int> _heard = [];

        public IReadOnlyList<int> Heard
        {
            get
            {
                lock (_heard) return [.. _heard];
            }
        }

        public Task Hear(int number)
        {
            lock (_heard) _heard.Add(number);
            return Task.CompletedTask;
        }

        public Task<int> Double(int number) => number % 2 == 0 || number > 20 ? Task.FromResult(number * 2) : throw new NotSupportedException("odd");
    }
}
