using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Warroom.Engine.Tests.Support;

/// <summary>What happens in grains, in order, for a test to wait for; and gates at which grains wait for the test. One per key, made at first use.</summary>
internal sealed class Recording
{
    private static readonly ConcurrentDictionary<string, Recording> All = new();

    private readonly ConcurrentDictionary<string, TaskCompletionSource> _gates = new();
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];
    private readonly List<(Func<IReadOnlyList<string>, bool> Holds, TaskCompletionSource Done)> _waiters = [];

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lock) return [.. _lines];
        }
    }

    public static Recording Of(string key) => All.GetOrAdd(key, _ => new Recording());

    public void Add(string line)
    {
        lock (_lock)
        {
            _lines.Add(line);
            foreach (var waiter in _waiters.Where(waiter => waiter.Holds(_lines)).ToList())
            {
                _waiters.Remove(waiter);
                waiter.Done.SetResult();
            }
        }
    }

    /// <summary>Completes when the line has been added.</summary>
    public Task HasAsync(string line) => WhenAsync($"the line \"{line}\"", lines => lines.Contains(line));

    /// <summary>Completes when there are that many lines.</summary>
    public Task CountAsync(int count) => WhenAsync($"{count} lines", lines => lines.Count >= count);

    /// <summary>Completes when the line is there so often.</summary>
    public Task CountAsync(string line, int count) => WhenAsync($"{count} lines \"{line}\"", lines => lines.Count(one => one == line) >= count);

    /// <summary>Completes when the condition holds for the lines.</summary>
    public async Task WhenAsync(string phase, Func<IReadOnlyList<string>, bool> holds)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (holds(_lines)) return;
            _waiters.Add((holds, done));
        }

        try
        {
            await Eventually.CompletesAsync(phase, done.Task);
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"{late.Message} There is: {string.Join(", ", Lines)}", late);
        }
    }

    /// <summary>Where a grain waits until the test opens it.</summary>
    public Task GateAsync(string name = "") => Gate(name).Task;

    public void Open(string name = "") => Gate(name).TrySetResult();

    private TaskCompletionSource Gate(string name) =>
        _gates.GetOrAdd(name, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}

/// <summary>Waiting with the timeout of all tests.</summary>
internal static class Patience
{
    public static Task Soon(this Task task, [CallerArgumentExpression(nameof(task))] string what = "") => Eventually.CompletesAsync(what, task);

    public static Task<T> Soon<T>(this Task<T> task, [CallerArgumentExpression(nameof(task))] string what = "") => Eventually.CompletesAsync(what, task);

    /// <summary>The call ends by a limit of its own. One that hangs until the test's patience is over fails the test.</summary>
    public static async Task<TimeoutException> TimesOutAsync(this Task call, [CallerArgumentExpression(nameof(call))] string what = "")
    {
        await Task.WhenAny(call).Soon(what);
        return await Assert.ThrowsAsync<TimeoutException>(() => call);
    }

    /// <summary>The call fails for a reason: neither its own limit nor the test's patience has run out.</summary>
    public static async Task<Exception> FailsAsync(this Task call, [CallerArgumentExpression(nameof(call))] string what = "")
    {
        await Task.WhenAny(call).Soon(what);
        var exception = await Assert.ThrowsAnyAsync<Exception>(() => call);
        Assert.IsNotType<TimeoutException>(exception, exactMatch: false);
        return exception;
    }

    /// <summary>The name of the running test, as a key that no other test uses.</summary>
    public static string Key(this object test, [CallerMemberName] string name = "") => $"{test.GetType().Name}.{name}";
}
