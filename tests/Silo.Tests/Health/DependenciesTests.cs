using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Warroom.Health;
using Warroom.Testing;

namespace Warroom.Silo.Tests.Health;

public sealed class DependenciesTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly EventLog _log = new();
    private readonly Probe _probe = new();
    private readonly Dependencies _dependencies;

    public DependenciesTests() => _dependencies = new([_probe], _time, _log);

    [Fact]
    public async Task Ask_OutageOfManyQuestions_IsTwoLines()
    {
        await AskAsync("ok", 3);
        Assert.Empty(_log.Events);

        _probe.Answer = () => Task.FromException<string?>(new TimeoutException("No answer."));
        await AskAsync("down", 3);
        _probe.Answer = () => Task.FromResult<string?>("It answers, and says that it cannot.");
        await AskAsync("down", 3);
        Assert.Equal([2300], _log.Events);

        _probe.Answer = () => Task.FromResult<string?>(null);
        await AskAsync("ok", 3);
        Assert.Equal([2300, 2301], _log.Events);
    }

    [Fact]
    public async Task Ask_WithinASecondOrWithoutAnAnswerYet_SharesOneQuestion()
    {
        await Task.WhenAll(_dependencies.AskAsync("part"), _dependencies.AskAsync("part"));
        Assert.Equal(1, _probe.Asked);

        _time.Advance(TimeSpan.FromSeconds(1));
        var answer = new TaskCompletionSource<string?>();
        _probe.Answer = () => answer.Task;
        var first = _dependencies.AskRequired().Single().Answer;
        _time.Advance(TimeSpan.FromSeconds(10));
        var second = _dependencies.AskAsync("part");
        Assert.Equal(2, _probe.Asked);
        answer.SetResult(null);
        Assert.Same(await first, await second);
    }

    private async Task AskAsync(string expected, int times)
    {
        for (var i = 0; i < times; i++)
        {
            Assert.Equal(expected, (await _dependencies.AskAsync("part")).Status);
            _time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    private sealed class Probe : IDependencyProbe
    {
        public Func<Task<string?>> Answer { get; set; } = () => Task.FromResult<string?>(null);

        public int Asked { get; private set; }

        public string Name => "part";

        public bool Required => true;

        public string Silence => "It does not answer.";

        public Task<string?> AskAsync()
        {
            Asked++;
            return Answer();
        }
    }

    private sealed class EventLog : ILogger<Dependencies>
    {
        private readonly ConcurrentQueue<int> _events = new();

        public IReadOnlyCollection<int> Events => _events;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => _events.Enqueue(eventId.Id);
    }
}
