using System.Collections.Concurrent;
using System.Diagnostics;

namespace Warroom.Simulation;

/// <summary>Runs a simulation with many seeds, and says how to run the one again that failed.</summary>
internal static class Seeds
{
    /// <summary>The environment variable that names one seed to run alone, with its story printed.</summary>
    public const string OneVariable = "WARROOM_SIMULATION_SEED";

    /// <summary>The environment variable that says how many seeds to run.</summary>
    public const string CountVariable = "WARROOM_SIMULATION_SEEDS";

    /// <summary>Runs the seeds from 1, or the one that is asked for. The simulation throws what it found.</summary>
    public static void Run(string test, int count, Action<int, Story> simulate, Func<string> sum)
    {
        if (Read(OneVariable) is { } one)
        {
            var story = new Story(isTold: true);
            try
            {
                simulate(one, story);
                Console.WriteLine($"{test}: seed {one} passes. Its story:{Environment.NewLine}{story}");
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"{test}: seed {one} fails: {exception.Message}{Environment.NewLine}{story}", exception);
            }

            return;
        }

        count = Read(CountVariable) ?? count;
        var started = Stopwatch.GetTimestamp();
        var failures = new ConcurrentDictionary<int, SimulationFailedException>();
        Parallel.For(1, count + 1, (seed, state) =>
        {
            if (Fails(seed, simulate) is not { } exception) return;
            failures[seed] = exception;
            state.Break();
        });
        if (!failures.IsEmpty) throw new InvalidOperationException(Describe(test, failures.Keys.Min(), failures[failures.Keys.Min()], simulate));
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Console.WriteLine($"{test}: {count} seeds in {seconds:0.0} s, {count / seconds * 60:0} seeds a minute; {sum()}");
    }

    /// <summary>The first seed that fails, with what it found; null if none of so many does.</summary>
    public static (int Seed, Exception Found)? FirstFailure(int count, Action<int, Story> simulate)
    {
        for (var seed = 1; seed <= count; seed++)
            if (Fails(seed, simulate) is { } exception) return (seed, exception);
        return null;
    }

    private static SimulationFailedException? Fails(int seed, Action<int, Story> simulate)
    {
        try
        {
            simulate(seed, new Story(isTold: false));
            return null;
        }
        catch (SimulationFailedException exception)
        {
            return exception;
        }
    }

    private static string Describe(string test, int seed, Exception exception, Action<int, Story> simulate)
    {
        // The same seed again, this time with its story.
        var story = new Story(isTold: true);
        try
        {
            simulate(seed, story);
        }
        catch (SimulationFailedException)
        {
            // The same failure once more.
        }

        return $"Seed {seed} fails: {exception.Message}{Environment.NewLine}Run it again: {OneVariable}={seed} ./test Simulation.Tests -- -method '*{test}*'"
            + $"{Environment.NewLine}Its last events:{Environment.NewLine}{story.Last(60)}";
    }

    private static int? Read(string variable) => int.TryParse(Environment.GetEnvironmentVariable(variable), out var value) ? value : null;
}

/// <summary>What happened in a simulation, told only when somebody wants to read it.</summary>
internal sealed class Story(bool isTold)
{
    private readonly List<string> _lines = [];

    public bool IsTold => isTold;

    public void Add(long ms, string line)
    {
        if (isTold) _lines.Add($"{ms,7} ms  {line}");
    }

    public string Last(int count) => string.Join(Environment.NewLine, _lines.TakeLast(count));

    public override string ToString() => string.Join(Environment.NewLine, _lines);
}

/// <summary>Something happened that must never happen.</summary>
internal sealed class SimulationFailedException(string message) : Exception(message);
