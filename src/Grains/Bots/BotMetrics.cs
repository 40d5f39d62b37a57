using System.Diagnostics.Metrics;

namespace Warroom.Bots;

/// <summary>The figures of replies, under <c>warroom.bot.</c>. Tags: <c>status</c> as in <see cref="ReplyStatus"/>, <c>code</c> a model's error code or <c>none</c>.</summary>
public sealed class BotMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Warroom.Bots";

    private static readonly double[] Seconds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];
    private readonly Counter<long> _ended;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _firstToken;
    private readonly Counter<long> _tokens;
    private readonly Counter<long> _batches;
    private readonly UpDownCounter<long> _running;

    /// <summary>Makes the meter; the factory owns it.</summary>
    public BotMetrics(IMeterFactory factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        var meter = factory.Create(MeterName);
        var advice = new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds };
        _ended = meter.CreateCounter<long>("warroom.bot.replies", "{reply}", "Replies that ended.");
        _duration = meter.CreateHistogram("warroom.bot.reply.duration", "s", "From the start of a reply to its end.", advice: advice);
        _firstToken = meter.CreateHistogram("warroom.bot.reply.first_token", "s", "From the start of a reply to its first token, waiting for the model included.", advice: advice);
        _tokens = meter.CreateCounter<long>("warroom.bot.tokens", "{token}", "Tokens that were published.");
        _batches = meter.CreateCounter<long>("warroom.bot.token_batches", "{batch}", "Stream events that carried them.");
        _running = meter.CreateUpDownCounter<long>("warroom.bot.replies.running", "{reply}", "Replies in flight.");
    }

    internal void Began() => _running.Add(1);

    internal void Published(int tokens)
    {
        _tokens.Add(tokens);
        _batches.Add(1);
    }

    internal void Ended(ReplyEnded ended)
    {
        _running.Add(-1);
        var status = new KeyValuePair<string, object?>("status", ended.Status.ToString().ToLowerInvariant());
        _ended.Add(1, status, new("code", ended.ErrorCode ?? "none"));
        if (ended.DurationMs is { } duration)
            _duration.Record(duration / 1000.0, status);
        if (ended.FirstTokenMs is { } first)
            _firstToken.Record(first / 1000.0);
    }
}
