using Warroom.Health;

namespace Warroom.Frontend.Live;

/// <summary>
/// Tells the pages when nothing that they could ask for would be answered, and when that is over: a page that only looks would otherwise go on saying that it is live. Once a second, as long as somebody watches the lists, it asks
/// what is required; all pages share the question. What does not answer three times in a row is away: a connection that is made anew, or a silo that is restarted beside others, is not worth a word. It is back with its first answer.
/// </summary>
internal sealed partial class StandingKeeper(ListFeed lists, Dependencies dependencies, TimeProvider time, ILogger<StandingKeeper> logger) : BackgroundService
{
    private const int SilentRoundsMin = 3;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>What takes longer has not answered in its round. Its question stands, and the next round sees the answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(0.5);

    private readonly SortedDictionary<string, Silence> _silences = new(StringComparer.Ordinal);

    private bool IsSomethingAway => _silences.Values.Any(silence => silence.IsTold);

    /// <summary>One round. What is away is asked for also when nobody watches any more, until it is back: whoever comes then is told at once.</summary>
    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        if (!lists.HasAudience && !IsSomethingAway)
        {
            _silences.Clear();
            return;
        }

        var asked = dependencies.AskRequired();
        var askedAt = time.GetTimestamp();
        await ((Task)Task.WhenAll(asked.Select(question => question.Answer))).WaitAsync(Patience, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        var isNews = false;
        foreach (var (name, answer) in asked)
        {
            isNews |= answer is { IsCompletedSuccessfully: true, Result.Status: "ok" } ? IsBack(name) : IsAway(name, askedAt);
        }

        if (isNews)
        {
            var away = _silences.Where(silence => silence.Value.IsTold).ToList();
            lists.Tell([.. away.Select(silence => silence.Key)], away.Count == 0 ? 0 : away.Min(silence => silence.Value.Since));
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await RunOnceAsync(stoppingToken);
                }
                catch (Exception exception) when (exception is not OutOfMemoryException && !stoppingToken.IsCancellationRequested)
                {
                    LogRoundFailed(exception);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends.
        }
    }

    /// <summary>It has answered; whether that is news.</summary>
    private bool IsBack(string name)
    {
        if (!_silences.Remove(name, out var silence) || !silence.IsTold)
        {
            return false;
        }

        LogBack(name, SecondsSince(silence));
        return true;
    }

    /// <summary>It has not answered; whether that is news.</summary>
    private bool IsAway(string name, long askedAt)
    {
        var silence = _silences[name] = _silences.TryGetValue(name, out var before) ? before with { Rounds = before.Rounds + 1 } : new(askedAt, 1);
        if (silence.Rounds != SilentRoundsMin)
        {
            return false;
        }

        LogAway(name, SecondsSince(silence));
        return true;
    }

    private long SecondsSince(Silence silence) => (long)Math.Round(time.GetElapsedTime(silence.Since).TotalSeconds);

    /// <param name="Since">When it was asked first without an answer.</param>
    /// <param name="Rounds">How often it was asked since.</param>
    private sealed record Silence(long Since, int Rounds)
    {
        public bool IsTold => Rounds >= SilentRoundsMin;
    }
}
