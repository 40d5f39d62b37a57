using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Warroom.Engine.Tests.Support;

/// <summary>Keeps what hosts log, as lines with level and event id.</summary>
public sealed class NotedLogs : ILoggerProvider, ILogger
{
    public ConcurrentQueue<string> Lines { get; } = new();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Enqueue($"{logLevel} {eventId.Id} {formatter(state, exception)}{(exception is null ? "" : $" {exception.Message}")}");

    public void Dispose()
    {
        // It is shared by hosts, and read when they have ended.
    }
}
