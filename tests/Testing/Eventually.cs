using System.Diagnostics;

namespace Warroom.Testing;

/// <summary>
/// Bounded waiting for what happens in another process or on another connection. Inside one process arm a wait on a task instead.
/// Every method ends after <see cref="Timeout"/> with a <see cref="TimeoutException"/> that names the phase and the last thing seen.
/// </summary>
public static class Eventually
{
    /// <summary>The one timeout of all tests: long enough for two busy cores, so that only what never happens runs into it.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Polls until the condition holds.</summary>
    /// <param name="phase">What is waited for, as the end of "waited 30 s for ...".</param>
    /// <param name="condition">Is called again after each false; an exception ends the wait.</param>
    /// <param name="timeout">Instead of <see cref="Timeout"/>, where something is slow by nature.</param>
    public static async Task HoldsAsync(string phase, Func<Task<bool>> condition, TimeSpan? timeout = null) =>
        await FindAsync<object>(phase, async () => await condition() ? true : null, timeout);

    /// <inheritdoc cref="HoldsAsync(string, Func{Task{bool}}, TimeSpan?)"/>
    public static Task HoldsAsync(string phase, Func<bool> condition, TimeSpan? timeout = null) =>
        HoldsAsync(phase, () => Task.FromResult(condition()), timeout);

    /// <summary>Polls until the search finds something, and returns it.</summary>
    public static async Task<T> FindAsync<T>(string phase, Func<Task<T?>> search, TimeSpan? timeout = null)
        where T : class
    {
        var limit = timeout ?? Timeout;
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            if (await search() is { } found)
            {
                return found;
            }

            if (Stopwatch.GetElapsedTime(started) > limit)
            {
                throw new TimeoutException($"Waited {limit.TotalSeconds:0.#} s for {phase}.");
            }

            await Task.Delay(Pause, TimeProvider.System);
        }
    }

    /// <summary>Polls until the action no longer throws: assertions about something that settles, calls to something that starts.</summary>
    public static async Task SucceedsAsync(string phase, Func<Task> action, TimeSpan? timeout = null)
    {
        var limit = timeout ?? Timeout;
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await action();
                return;
            }
            catch (Exception last) when (last is not OutOfMemoryException)
            {
                if (Stopwatch.GetElapsedTime(started) > limit)
                {
                    throw new TimeoutException($"Waited {limit.TotalSeconds:0.#} s for {phase}. Last: {last.Message}", last);
                }
            }

            await Task.Delay(Pause, TimeProvider.System);
        }
    }

    /// <summary>Awaits a task, but no longer than the timeout.</summary>
    public static async Task<T> CompletesAsync<T>(string phase, Task<T> task, TimeSpan? timeout = null)
    {
        await CompletesAsync(phase, (Task)task, timeout);
        return await task;
    }

    /// <inheritdoc cref="CompletesAsync{T}(string, Task{T}, TimeSpan?)"/>
    public static async Task CompletesAsync(string phase, Task task, TimeSpan? timeout = null)
    {
        var limit = timeout ?? Timeout;
        try
        {
            await task.WaitAsync(limit, TimeProvider.System);
        }
        catch (TimeoutException inner) when (!task.IsCompleted)
        {
            throw new TimeoutException($"Waited {limit.TotalSeconds:0.#} s for {phase}.", inner);
        }
    }
}
