using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.DependencyInjection;
using Warroom.Frontend.Live;
using Warroom.Testing;
using Xunit;

namespace Warroom.Frontend.Tests.Live;

public sealed class OutboxTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly FakeConnection _connection = new();
    private readonly Outbox _outbox;

    public OutboxTests()
    {
        var metrics = new LiveMetrics(new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>());
        _outbox = new Outbox(_connection, new LiveOptions { OutboxBytesMax = 1_000 }, metrics, _time);
    }

    [Fact]
    public void Send_ConnectionReads_GoesStraightThrough()
    {
        Send("a", 3);

        Assert.Equal(["a", "a", "a"], _connection.Written);
        Assert.Equal(0, _outbox.WaitingBytes);
    }

    [Fact]
    public async Task Send_ConnectionStopsForAWhile_NothingIsLostAndOrderKept()
    {
        _connection.Stop();
        Send("a", 1);
        Send("b", 1);
        Send("c", 1);
        Assert.Equal(["a"], _connection.Written);

        await _connection.GoOnAsync();

        Assert.Equal(["a", "b", "c"], _connection.Written);
        Assert.Equal(0, _outbox.WaitingBytes);
    }

    [Fact]
    public async Task Send_MoreThanFits_DropsAndTellsEachTopicOnce()
    {
        _connection.Stop();
        Send("a", 8);
        Send("b", 8);
        Assert.InRange(_outbox.WaitingBytes, 0, 1_000);

        await _connection.GoOnAsync();

        Assert.Equal("a", _connection.Written[0]);
        Assert.Equal(["Behind a", "Behind b"], _connection.Written[1..].Order(StringComparer.Ordinal));
        Send("a", 1);
        Assert.Equal("a", _connection.Written[^1]);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(_connection.Aborted);
    }

    [Fact]
    public void Send_ConnectionNeverReads_IsClosedAfterTheTimeout()
    {
        _connection.Stop();
        Send("a", 20);
        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(_connection.Aborted);

        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.True(_connection.Aborted);
    }

    private void Send(string topic, int count)
    {
        for (var sent = 0; sent < count; sent++)
        {
            _outbox.Send(new SerializedHubMessage(new InvocationMessage(topic, [])), topic);
        }
    }

    private sealed class FakeConnection : IOutboxConnection
    {
        private TaskCompletionSource? _stopped;

        public List<string> Written { get; } = [];

        public bool Aborted { get; private set; }

        public void Stop() => _stopped = new();

        public async Task GoOnAsync()
        {
            var stopped = _stopped!;
            _stopped = null;
            stopped.SetResult();
            await Task.Yield();
        }

        public ValueTask WriteAsync(SerializedHubMessage message)
        {
            var invocation = (InvocationMessage)message.Message!;
            Written.Add(invocation.Target == "Behind" ? $"Behind {invocation.Arguments[0]}" : invocation.Target);
            return _stopped is null ? default : new ValueTask(_stopped.Task);
        }

        public int SizeOf(SerializedHubMessage message) => 100;

        public void Abort() => Aborted = true;
    }
}
