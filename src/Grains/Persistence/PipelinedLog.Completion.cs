using System.Runtime.ExceptionServices;
using Orleans.Storage;

namespace Warroom.Persistence;

// Commits and failures coming back. The decision page 2026-11-20-pipelined-log.md says why each failure is treated as it is.
public sealed partial class PipelinedLog<TState>
{
    /// <summary>Takes what comes back, in the order of hand-over, until nothing is in flight. Never fails: outcomes go to the callers.</summary>
    private async Task PumpAsync()
    {
        while (_inFlight.TryPeek(out var head))
        {
            // WhenAny does not throw: a failure is looked at, not caught.
            if (!head.Written.IsCompleted)
                await Task.WhenAny(head.Written);
            if (head.Written.IsCompletedSuccessfully)
                TakeCommitted();
            else
                await TakeFailedAsync();
        }

        _pumping = false;
    }

    private void TakeCommitted()
    {
        var taken = new List<PendingAppend<TState>>(_inFlight.Count);
        while (_inFlight.TryPeek(out var next) && next.Written.IsCompletedSuccessfully)
            taken.Add(_inFlight.Dequeue());
        foreach (var append in taken)
            Commit(append);

        // Publishing is begun before the callers are answered, and not awaited.
        _publisher.Start();
        foreach (var append in taken)
            append.Settle(new(AppendOutcomeKind.Committed));
    }

    private void Commit(PendingAppend<TState> append)
    {
        _committed = append.After;
        if (append.OperationId is { } id)
            _remembered.Remember(id, append.After.Version);
        if (append.Events.Count > 0)
            _publisher.Add(append.Events, append.After.State!);
    }

    /// <summary>The head has failed: nothing is decided until everything in flight has come back, then each gets its outcome, and the row is read again.</summary>
    private async Task TakeFailedAsync()
    {
        _draining = true;
        foreach (var append in _inFlight)
            await Task.WhenAny(append.Written);

        var taken = _inFlight.ToList();
        _inFlight.Clear();
        _unresolved.RemoveAll(append => append.After.Version <= _committed.Version);

        // An append with events is conditional on the version before it: if a later one is durable, so are all before it whose outcome was unknown.
        var durableVersion = taken.Where(append => append.Written.IsCompletedSuccessfully).Select(append => append.After.Version).DefaultIfEmpty(0).Max();
        var outcomes = new AppendOutcome[taken.Count];
        for (var i = 0; i < taken.Count; i++)
        {
            outcomes[i] = Classify(taken[i], isHead: i == 0, durableVersion);
            if (outcomes[i].Kind == AppendOutcomeKind.Committed)
                Commit(taken[i]);
            else if (outcomes[i].Kind == AppendOutcomeKind.Unknown)
                _unresolved.Add(taken[i]);
        }

        _tentative = _committed;
        _last = null;
        _mustReload = _mustReload || _fenced is not null || outcomes.Any(MakesReload);
        _publisher.Start();
        _draining = false;
        if (_mustReload && _fenced is null)
            _reload = ReloadAsync();
        for (var i = 0; i < taken.Count; i++)
            taken[i].Settle(outcomes[i]);
    }

    private AppendOutcome Classify(PendingAppend<TState> append, bool isHead, long durableVersion)
    {
        if (append.Written.IsCompletedSuccessfully)
            return new(AppendOutcomeKind.Committed);

        switch (append.Written.Exception?.InnerException)
        {
            case OperationRepeatedException repeated:
                return new(AppendOutcomeKind.Repeated, repeated.Seq);
            case AppendOutcomeUnknownException when append.Events.Count > 0 && append.After.Version <= durableVersion:
                return new(AppendOutcomeKind.Committed);
            case AppendOutcomeUnknownException unknown:
                LogUnknown(unknown, _kind, _ownerId, append.OperationId);
                return new(AppendOutcomeKind.Unknown);
            case InconsistentStateException fenced when isHead:
                // Version and epoch were as the storage itself had confirmed them: somebody else has written.
                LogFenced(fenced, _kind, _ownerId);
                _fenced = fenced;
                return new(AppendOutcomeKind.Failed, Error: fenced);
            case InconsistentStateException:
                return new(AppendOutcomeKind.Lost);
            case { } failure:
                return new(AppendOutcomeKind.Failed, Error: failure);
            case null:
                return new(AppendOutcomeKind.Failed, Error: new TaskCanceledException(append.Written));
        }
    }

    private bool MakesReload(AppendOutcome outcome) => outcome.Kind switch
    {
        AppendOutcomeKind.Committed or AppendOutcomeKind.Lost => false,
        AppendOutcomeKind.Repeated => outcome.Seq > _committed.Version,
        _ => true,
    };

    /// <summary>Completes when a decision may be made.</summary>
    private async ValueTask ReadyAsync()
    {
        while (true)
        {
            ThrowIfFenced();
            if (_draining)
            {
                await _pump;
            }
            else if (_mustReload)
            {
                if (_reload is null or { IsCompleted: true })
                    _reload = ReloadAsync();
                if (await _reload is { } failure)
                    ExceptionDispatchInfo.Throw(failure);
            }
            else
            {
                return;
            }
        }
    }

    /// <summary>Reads the row again. Never fails: the failure is its result, for those who wait; the next decision tries again.</summary>
    private async Task<Exception?> ReloadAsync()
    {
        var load = ReadRowAsync();
        await Task.WhenAny(load);
        if (!load.IsCompletedSuccessfully)
        {
            var failure = load.Exception?.InnerException ?? new TaskCanceledException(load);
            LogReloadFailed(failure, _kind, _ownerId);
            return failure;
        }

        Accept(await load);
        return null;
    }

    /// <summary>The unresolved appends that the row is made of, from the committed state to the one that landed: others of the same numbers, from before another read, are not among them.</summary>
    private List<PendingAppend<TState>> ChainTo(int landed)
    {
        var chain = new List<PendingAppend<TState>>();
        for (var append = landed < 0 ? null : _unresolved[landed]; append is not null && append.After.Version > _committed.Version;)
        {
            chain.Insert(0, append);
            var (version, hash) = (append.Before.Version, append.Before.Hash);
            append = _unresolved.Find(earlier => earlier.Events.Count > 0 && earlier.After.Version == version && earlier.After.Hash == hash);
        }

        return chain;
    }

    private void Fence(long version, long epoch)
    {
        _fenced = new($"{_kind} {_ownerId} was written by another activation.", $"{version}@{epoch}", $"{_committed.Version}@{_committed.Epoch}");
        LogFenced(_fenced, _kind, _ownerId);
    }

    private async Task<LogSnapshot<TState>> ReadRowAsync() => await _log.LoadAsync(_ownerId);

    /// <summary>
    /// Goes on from the row as it was read, if what is new in it is our own: it is as it was known, or version, epoch and hash are those of an append of ours whose outcome was unknown (its transaction may end late, so
    /// it is kept until the version has passed it). Anything else is another activation's. The next append claims a new epoch, so that an append given up as unknown cannot land behind it.
    /// </summary>
    private void Accept(LogSnapshot<TState> row)
    {
        var landed = _unresolved.FindLastIndex(append => append.Events.Count > 0 && append.After.Version == row.Version && append.After.Hash == row.Hash);
        var isAsKnown = row.Epoch == _committed.Epoch && row.Version == _committed.Version && row.Hash == _committed.Hash;
        if (!isAsKnown && (landed < 0 || row.Epoch != _unresolved[landed].After.Epoch))
        {
            Fence(row.Version, row.Epoch);
            return;
        }

        foreach (var append in ChainTo(landed))
            Commit(append);
        _committed = _tentative = row;
        _unresolved.RemoveAll(append => append.After.Version <= row.Version);
        _ownEpoch = row.Epoch + 1;
        _mustReload = false;
        _publisher.Start();
    }
}
