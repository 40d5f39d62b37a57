using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Warroom.Frontend.Live;
using Warroom.Frontend.Tests.Support;
using Warroom.Health;
using Warroom.Incidents;
using Warroom.Testing;

namespace Warroom.Frontend.Tests.Live;

public sealed class StandingKeeperTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly LiveMetrics _metrics = new(new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>());
    private readonly Probe _silo = new("silo", required: true);
    private readonly Probe _database = new("database", required: true);
    private readonly Probe _model = new("ollama", required: false);
    private readonly EventLog _log = new();
    private readonly ListFeed _lists;
    private readonly StandingKeeper _keeper;

    public StandingKeeperTests()
    {
        _lists = new ListFeed(new FakeCluster().Client, new IncidentQueries(null!), _metrics, _time, NullLogger<ListFeed>.Instance);
        _keeper = new StandingKeeper(_lists, new Dependencies([_silo, _database, _model], _time, NullLogger<Dependencies>.Instance), _time, _log);
    }

    public void Dispose() => _keeper.Dispose();

    [Fact]
    public async Task Round_SiloSilentThreeTimes_ViewersAreToldOnceAndOnceWhenItAnswers()
    {
        var viewer = Join();
        await RoundsAsync(2);
        Assert.Equal([""], viewer.Take());

        _silo.Fails();
        await RoundsAsync(2);
        Assert.Empty(viewer.Take());
        await RoundsAsync(5);
        Assert.Equal(["silo 2000"], viewer.Take());

        _silo.Answers();
        await RoundsAsync(5);
        Assert.Equal([""], viewer.Take());
        Assert.Equal([4160, 4161], _log.Events);
    }

    [Fact]
    public async Task Round_SiloSilentForAMoment_NobodyIsTold()
    {
        var viewer = Join();
        for (var i = 0; i < 3; i++)
        {
            _silo.Fails();
            await RoundsAsync(2);
            _silo.Answers();
            await RoundsAsync(1);
        }

        Assert.Equal([""], viewer.Take());
        Assert.Empty(_log.Events);
    }

    [Fact]
    public async Task Round_BothGoAndOneComesBack_ViewersAreToldWhatIsAwayAndSinceWhen()
    {
        var viewer = Join();
        _silo.Fails();
        await RoundsAsync(4);
        _database.Fails();
        await RoundsAsync(4);
        _silo.Answers();
        await RoundsAsync(1);

        Assert.Equal(["", "silo 2000", "database,silo 6000", "database 4000"], viewer.Take());
    }

    [Fact]
    public async Task Round_QuestionsHang_RoundsEndAndNoneIsAskedTwice()
    {
        var viewer = Join();
        _database.Hangs();
        for (var i = 0; i < 3; i++)
        {
            var round = _keeper.RunOnceAsync(CancellationToken.None);
            Assert.False(round.IsCompleted);
            _time.Advance(TimeSpan.FromSeconds(0.5));
            await Eventually.CompletesAsync("the round", round);
            _time.Advance(TimeSpan.FromSeconds(0.5));
        }

        Assert.Equal(["", "database 2500"], viewer.Take());
        Assert.Equal(1, _database.Asked);
        _database.Answers();
        await RoundsAsync(1);
        Assert.Equal([""], viewer.Take());
    }

    [Fact]
    public async Task Join_WhileSomethingIsAway_ToldAtOnceForHowLong()
    {
        using var first = Join();
        _silo.Fails();
        await RoundsAsync(3);
        _time.Advance(TimeSpan.FromSeconds(57));
        var late = Join();
        Assert.Equal(["silo 60000"], late.Take());

        // One that was slow joins again.
        _lists.Join(late.Outbox);
        Assert.Equal(["silo 60000"], late.Take());
        _silo.Answers();
        await RoundsAsync(1);
        Assert.Equal([""], late.Take());
    }

    [Fact]
    public async Task Round_NobodyWatches_NothingIsAskedUnlessItIsAway()
    {
        await RoundsAsync(5);
        Assert.Equal((0, 0), (_silo.Asked, _database.Asked));

        // Until it is back: who loads the page anew must not be told first that all is well.
        var viewer = Join();
        _silo.Fails();
        await RoundsAsync(3);
        viewer.Dispose();
        await RoundsAsync(3);
        Assert.Equal(6, _silo.Asked);
        Assert.Equal(["silo 6000"], Join(leaves: true).Take());
        _silo.Answers();
        await RoundsAsync(5);
        Assert.Equal((7, 7), (_silo.Asked, _database.Asked));
        Assert.Equal([4160, 4161], _log.Events);
        Assert.Equal([""], Join(leaves: true).Take());
    }

    [Fact]
    public async Task Round_OptionalPartIsAway_NobodyIsToldNorIsItAsked()
    {
        var viewer = Join();
        _model.Fails();
        await RoundsAsync(5);

        Assert.Equal([""], viewer.Take());
        Assert.Equal(0, _model.Asked);
    }

    [Fact]
    public void Join_WhileTheStandingChanges_WhatIsToldLastIsHowItIs()
    {
        var time = new HookedTime(_time);
        var lists = new ListFeed(new FakeCluster().Client, new IncidentQueries(null!), _metrics, time, NullLogger<ListFeed>.Instance);
        lists.Tell(["before"], 0);
        using var viewer = new Viewer(_metrics, _time);

        // Between what the viewer is to be told is made and told, it changes.
        var telling = new Thread(() => lists.Tell(["after"], 0));
        time.OnTimestamp = () =>
        {
            time.OnTimestamp = null;
            telling.Start();
            SpinWait.SpinUntil(() => !telling.IsAlive || telling.ThreadState.HasFlag(ThreadState.WaitSleepJoin), Eventually.Timeout);
        };
        lists.Join(viewer.Outbox);
        telling.Join();

        Assert.Equal(["before 0", "after 0"], viewer.Take());
    }

    private Viewer Join(bool leaves = false)
    {
        var viewer = new Viewer(_metrics, _time);
        _lists.Join(viewer.Outbox);
        if (leaves)
        {
            viewer.Dispose();
        }

        return viewer;
    }

    private async Task RoundsAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await Eventually.CompletesAsync("the round", _keeper.RunOnceAsync(CancellationToken.None));
            _time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    private sealed class Probe(string name, bool required) : IDependencyProbe
    {
        private TaskCompletionSource<string?>? _hanging;
        private Func<Task<string?>> _answer = () => Task.FromResult<string?>(null);

        public int Asked { get; private set; }

        public string Name => name;

        public bool Required => required;

        public string Silence => "It does not answer.";

        public void Fails() => _answer = () => Task.FromException<string?>(new TimeoutException("No answer."));

        public void Hangs()
        {
            _hanging = new();
            _answer = () => _hanging.Task;
        }

        public void Answers()
        {
            _answer = () => Task.FromResult<string?>(null);
            _hanging?.TrySetResult(null);
        }

        public Task<string?> AskAsync()
        {
            Asked++;
            return _answer();
        }
    }

    /// <summary>A page that watches the lists, and what it was told: the names of what is away, and for how many milliseconds.</summary>
    private sealed class Viewer : IOutboxConnection, IDisposable
    {
        private readonly ConcurrentQueue<string> _told = new();

        public Viewer(LiveMetrics metrics, TimeProvider time) => Outbox = new Outbox(this, new LiveOptions(), metrics, time);

        public Outbox Outbox { get; }

        /// <summary>What it was told since this was asked last.</summary>
        public IReadOnlyList<string> Take()
        {
            var told = new List<string>();
            while (_told.TryDequeue(out var standing))
            {
                told.Add(standing);
            }

            return told;
        }

        public ValueTask WriteAsync(SerializedHubMessage message)
        {
            var invocation = Assert.IsType<InvocationMessage>(message.Message);
            Assert.Equal("Standing", invocation.Target);
            var standing = Assert.IsType<Standing>(Assert.Single(invocation.Arguments));
            _told.Enqueue($"{string.Join(',', standing.Away)} {standing.AwayMs}".Trim());
            return default;
        }

        public int SizeOf(SerializedHubMessage message) => 100;

        public void Abort() => Assert.Fail("Nobody is slow here.");

        public void Dispose() => Outbox.Close();
    }

    /// <summary>A clock that says when it is looked at.</summary>
    private sealed class HookedTime(TimeProvider time) : TimeProvider
    {
        public Action? OnTimestamp { get; set; }

        public override long TimestampFrequency => time.TimestampFrequency;

        public override long GetTimestamp()
        {
            OnTimestamp?.Invoke();
            return time.GetTimestamp();
        }
    }

    private sealed class EventLog : ILogger<StandingKeeper>
    {
        private readonly ConcurrentQueue<int> _events = new();

        public IReadOnlyCollection<int> Events => _events;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => _events.Enqueue(eventId.Id);
    }
}
