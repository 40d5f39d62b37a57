using System.Collections.Immutable;
using System.Text;
using Microsoft.Extensions.AI;
using Warroom.Models;
using Warroom.Text;

namespace Warroom.Bots;

/// <summary>Why a reply was cut off, if it was.</summary>
internal enum ReplyCut
{
    /// <summary>It was not.</summary>
    None,

    /// <summary>A person stopped it.</summary>
    Stopped,

    /// <summary>Its activation ends.</summary>
    Deactivating,
}

/// <summary>A reply while its tokens come: its text, its figures, and how to end it. Touched on its grain's scheduler alone.</summary>
internal sealed class ReplyRun : IDisposable
{
    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly StringBuilder _text;
    private readonly CancellationTokenSource _late;
    private readonly CancellationTokenSource _cut = new();
    private readonly CancellationTokenSource _either;
    private int _bytes;

    public ReplyRun(SessionReply live, ModelRoute route, TimeSpan timeMax, TimeProvider time)
    {
        Live = live;
        Route = route;
        _time = time;
        _started = time.GetTimestamp();
        _text = new(live.Text);
        _bytes = Encoding.UTF8.GetByteCount(live.Text);
        SavedLength = live.Text.Length;
        _late = new(timeMax, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_cut.Token, _late.Token);
        Token = _either.Token;
    }

    /// <summary>The reply as it was when it began.</summary>
    public SessionReply Live { get; }

    public ModelRoute Route { get; }

    public CancellationToken Token { get; }

    public string Text => _text.ToString();

    public int Length => _text.Length;

    public int SavedLength { get; set; }

    public long NextToken { get; private set; }

    public int? FirstTokenMs { get; private set; }

    /// <summary>Whether the text has reached its limit.</summary>
    public bool IsFull { get; private set; }

    public ReplyCut Cut { get; private set; }

    /// <summary>The command that stopped it.</summary>
    public ReplyCommand? StoppedBy { get; private set; }

    public UsageDetails? Usage { get; private set; }

    public string? FinishReason { get; private set; }

    /// <summary>Completes when its end is durable, or when this activation cannot make it so.</summary>
    public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Cuts it off; the first reason counts.</summary>
    public async Task CutAsync(ReplyCut why, ReplyCommand? by = null)
    {
        if (Cut != ReplyCut.None)
            return;
        Cut = why;
        StoppedBy = by;
        await _cut.CancelAsync();
    }

    /// <summary>Takes one update of the model; what is to be published of it, or null.</summary>
    public TokenBatch? Take(ChatResponseUpdate update)
    {
        if (Cut != ReplyCut.None || IsFull)
            return null;
        var tokens = ImmutableArray.CreateBuilder<string>(update.Contents.Count);
        foreach (var content in update.Contents)
        {
            if (content is TextContent { Text.Length: > 0 } token && !IsFull && Fit(token.Text) is { Length: > 0 } fitting)
                tokens.Add(fitting);
            else if (content is UsageContent usage)
                Usage = usage.Details;
        }

        FinishReason = IsFull ? "length" : update.FinishReason?.Value ?? FinishReason;
        if (tokens.Count == 0)
            return null;
        FirstTokenMs ??= ElapsedMs();
        var batch = new TokenBatch { ReplyId = Live.ReplyId, FirstToken = NextToken, Tokens = tokens.DrainToImmutable() };
        NextToken += batch.Tokens.Length;
        return batch;
    }

    /// <summary>As it is shown while it runs.</summary>
    public LiveReply View() => new()
    {
        ReplyId = Live.ReplyId,
        MessageId = Live.MessageId,
        Text = Text,
        NextToken = NextToken,
        StartedAt = Live.StartedAt,
        Model = Route.Model.Length > 0 ? Route.Model : Live.Model,
        Queued = Route.Queued,
    };

    /// <summary>As it is stored while it runs.</summary>
    public SessionReply Snapshot() => Live with
    {
        Text = Text,
        NextToken = NextToken,
        Model = Route.Model.Length > 0 ? Route.Model : Live.Model,
        Simulated = Route.Simulated,
        FirstTokenMs = FirstTokenMs,
    };

    /// <summary>Its end.</summary>
    public ReplyEnded End(ModelException? failure, bool unexpected)
    {
        var status = failure is null && !unexpected && Cut == ReplyCut.None && !_late.IsCancellationRequested ? ReplyStatus.Complete
            : Cut == ReplyCut.Stopped ? ReplyStatus.Stopped
            : Cut == ReplyCut.Deactivating || unexpected || _late.IsCancellationRequested ? ReplyStatus.Interrupted
            : NextToken > 0 && failure!.Failure is ModelFailure.Cut or ModelFailure.Timeout ? ReplyStatus.Interrupted
            : ReplyStatus.Failed;
        var told = status is not (ReplyStatus.Interrupted or ReplyStatus.Failed) ? null
            : failure ?? (_late.IsCancellationRequested ? new ModelException(ModelFailure.Timeout, "The reply took too long.") : null);
        return new()
        {
            At = StorableTime.Of(_time.GetUtcNow()),
            By = status == ReplyStatus.Stopped ? StoppedBy!.By : Live.By,
            OperationId = status == ReplyStatus.Stopped ? StoppedBy!.OperationId : Live.OperationId,
            ReplyId = Live.ReplyId,
            Status = status,
            Text = StorableText.Of(Text),
            Model = Route.Model,
            Simulated = Route.Simulated,
            Error = told?.UserText,
            ErrorCode = told?.ErrorCode,
            FinishReason = status == ReplyStatus.Complete ? FinishReason ?? "stop" : null,
            PromptTokens = Count(Usage?.InputTokenCount),
            ReplyTokens = Count(Usage?.OutputTokenCount),
            FirstTokenMs = FirstTokenMs,
            DurationMs = ElapsedMs(),
        };
    }

    public void Dispose()
    {
        _either.Dispose();
        _late.Dispose();
        _cut.Dispose();
    }

    private static int? Count(long? tokens) => tokens is >= 0 and <= int.MaxValue ? (int)tokens : null;

    private int ElapsedMs() => (int)Math.Min(int.MaxValue, _time.GetElapsedTime(_started).TotalMilliseconds);

    /// <summary>As much of a token as the limit leaves; characters stay whole.</summary>
    private string Fit(string token)
    {
        var bytes = Encoding.UTF8.GetByteCount(token);
        if (_bytes + bytes > BotLimits.ReplyBytesMax)
        {
            IsFull = true;
            var length = 0;
            bytes = 0;
            foreach (var rune in token.EnumerateRunes())
            {
                if (_bytes + bytes + rune.Utf8SequenceLength > BotLimits.ReplyBytesMax)
                    break;
                bytes += rune.Utf8SequenceLength;
                length += rune.Utf16SequenceLength;
            }

            token = token[..length];
        }

        _bytes += bytes;
        _text.Append(token);
        return token;
    }
}
