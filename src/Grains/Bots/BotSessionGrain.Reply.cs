using Microsoft.Extensions.AI;
using Orleans.Runtime;
using Orleans.Storage;
using Warroom.Models;
using Warroom.Persistence;
using ChatMessage = Warroom.Bots.ChatMessage;

namespace Warroom.Bots;

// The reply in flight.
public sealed partial class BotSessionGrain
{
    private const int TailEvents = 60;
    private static readonly TimeSpan RenewPeriod = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan EndRetryMax = TimeSpan.FromSeconds(5);

    /// <summary>Begins the reply that is committed as in flight, unless it runs.</summary>
    private void EnsureRunning()
    {
        if (_run is not null || _closingToken.IsCancellationRequested || _log.State?.Live is not { } live)
            return;

        _run = new(live, new ModelRoute(GrainFactory, models), options.Value.ReplyTimeMax, time);
        metrics.Began();

        // Awaited by nobody: it never fails, ends with the activation, and comes back to this activation's scheduler after each await.
        _ = RunAsync(_run);
    }

    private async Task RunAsync(ReplyRun run)
    {
        ModelException? failure = null;
        var unexpected = false;
        using var saving = this.RegisterGrainTimer(
            _ => SaveAsync(run), new GrainTimerCreationOptions(options.Value.SavePeriod, options.Value.SavePeriod) { KeepAlive = true, Interleave = true });
        using var renewing = this.RegisterGrainTimer(_ => RenewAsync(run), new GrainTimerCreationOptions(RenewPeriod, RenewPeriod) { Interleave = true });
        try
        {
            await AnswerAsync(run);
        }
        catch (OperationCanceledException) when (run.Token.IsCancellationRequested)
        {
            // Stopped, too late, or the activation ends: the run knows which.
        }
        catch (ModelException failed)
        {
            failure = failed;
            LogModelFailed(failed, _id, run.Live.ReplyId, failed.ErrorCode);
        }
        catch (Exception broken)
        {
            unexpected = true;
            LogBrokeOff(broken, _id, run.Live.ReplyId);
        }

        await CloseAsync(run);
        await EndAsync(run, run.End(failure, unexpected));
    }

    private async Task AnswerAsync(ReplyRun run)
    {
        var route = run.Route;
        try
        {
            var bot = await FindBotAsync(run.Token);
            var history = await ReadTailAsync(run.Token);
            var prompt = SessionPrompt.Build(history, run.Live.MessageId, run.Live.Text, options.Value.ContextCharactersMax);
            var asked = new ChatOptions { Instructions = string.IsNullOrWhiteSpace(bot?.Persona) ? null : bot.Persona };
            var asker = history.FirstOrDefault(message => message.Id == run.Live.MessageId)?.By.Name ?? "";
            var updates = await route.OpenAsync(asker, run.Live.Model, prompt, asked, run.Token);
            do
            {
                if (run.Take(updates.Current) is { } batch)
                    await PublishTokensAsync(batch);
            }
            while (!run.IsFull && await updates.MoveNextAsync());
            route.Outcome = SlotOutcome.Succeeded;
        }
        catch (ModelException failed)
        {
            route.Outcome = failed.CountsAgainstEndpoint ? SlotOutcome.Failed : SlotOutcome.Unknown;
            throw;
        }
        catch (OperationCanceledException) when (run.Token.IsCancellationRequested)
        {
            route.Outcome = run.NextToken > 0 ? SlotOutcome.Succeeded : SlotOutcome.Unknown;
            throw;
        }
    }

    private async Task CloseAsync(ReplyRun run)
    {
        try
        {
            await run.Route.DisposeAsync();
        }
        catch (Exception failed)
        {
            // The slot lapses by itself when it is not renewed.
            LogSlotNotReleased(failed, _id);
        }
    }

    /// <summary>Makes the end durable, however long the database takes: only the activation's own end, or another activation, cuts this short; then the next activation ends the reply.</summary>
    private async Task EndAsync(ReplyRun run, ReplyEnded ended)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                LogDecision<SessionState> Decide(SessionState? state) => SessionRules.End(state, ended).ToLog(_id, state);
                await (ended.Status == ReplyStatus.Stopped ? _log.AppendAsync(ended.OperationId, Decide) : _log.AppendAsync(Decide));
                LogEnded(_id, ended.ReplyId, ended.Status, ended.ErrorCode, ended.DurationMs);
                break;
            }
            catch (InconsistentStateException fenced)
            {
                // Not inside a call that it could escape from: so the activation is ended here.
                LogEndNotStored(fenced, _id, ended.ReplyId, attempt);
                await _closing.CancelAsync();
                DeactivateOnIdle();
                break;
            }
            catch (Exception failed)
            {
                LogEndNotStored(failed, _id, ended.ReplyId, attempt);
                if (!await PauseAsync(attempt))
                    break;
            }
        }

        metrics.Ended(ended);
        _run = null;
        run.Ended.SetResult();
        run.Dispose();
    }

    private async Task<bool> PauseAsync(int attempt)
    {
        try
        {
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Min(EndRetryMax.TotalMilliseconds, 100 * Math.Pow(2, Math.Min(attempt, 10)))), time, _closingToken);
            return true;
        }
        catch (OperationCanceledException) when (_closingToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task PublishTokensAsync(TokenBatch batch)
    {
        try
        {
            metrics.Published(batch.Tokens.Length);
            await _updates.OnNextAsync(new() { SessionId = _id, Tokens = batch });
        }
        catch (Exception failed)
        {
            // Tokens are for speed; the session and its log have the text.
            LogTokensNotPublished(failed, _id, batch.ReplyId);
        }
    }

    /// <summary>Stores the text so far, if there is more of it than is stored.</summary>
    private async Task SaveAsync(ReplyRun run)
    {
        if (!ReferenceEquals(_run, run) || run.Length == run.SavedLength)
            return;
        var snapshot = run.Snapshot();
        try
        {
            await _log.AppendAsync(state => state?.Live?.ReplyId == snapshot.ReplyId ? LogDecision.Save(state with { Live = snapshot }) : LogDecision.Unchanged<SessionState>());
            run.SavedLength = snapshot.Text.Length;
        }
        catch (InconsistentStateException fenced)
        {
            LogSaveFailed(fenced, _id, snapshot.ReplyId);
            await run.CutAsync(ReplyCut.Deactivating);
        }
        catch (Exception failed)
        {
            LogSaveFailed(failed, _id, snapshot.ReplyId);
        }
    }

    private async Task RenewAsync(ReplyRun run)
    {
        try
        {
            await run.Route.RenewAsync();
        }
        catch (Exception failed)
        {
            LogRenewFailed(failed, _id);
        }
    }

    /// <summary>The newest messages and replies, with the message that is to be answered even if it is further back.</summary>
    private async Task<IReadOnlyList<ChatMessage>> ReadTailAsync(CancellationToken cancellationToken)
    {
        if (_log.State is not { } state)
            return [];
        var tail = await storage.ReadAsync(_id, Math.Max(0, state.Version - TailEvents), TailEvents, cancellationToken);
        if (state.LastMessage is { } message && message.Seq <= state.Version - TailEvents)
            tail = [.. await storage.ReadAsync(_id, message.Seq - 1, 1, cancellationToken), .. tail];
        return SessionHistory.Fold(tail);
    }
}
