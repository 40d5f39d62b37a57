using System.Diagnostics.CodeAnalysis;
using Orleans.Embedded.CodeGeneration;
using Orleans.Embedded.Manifests;
using Orleans.Embedded.Scheduling;
using Orleans.Embedded.Sequences;
using Orleans.Embedded.Timers;
using Orleans.Runtime;

namespace Orleans.Embedded.Activations;

internal sealed partial class ActivationContext
{
    private Phase _phase;

    private enum Phase : byte
    {
        New,
        Activating,
        Active,
        Deactivating,
        Ended,
    }

    protected override bool IsOpen => _phase != Phase.Ended;

    protected override Admission Admission => _phase != Phase.Active ? Admission.None
        : _extras?.Reason is null || IsServingTheRest ? Admission.All
        : RunningCount > 0 ? Admission.InterleavingOnly
        : Admission.None;

    /// <summary>When the silo stops there is no next activation to hand calls on to: those that wait are served first, as long as there is time.</summary>
    private bool IsServingTheRest => _extras is { Reason.ReasonCode: DeactivationReasonCode.ShuttingDown } extras && !_runtime.IsActive
        && WaitingCount > 0 && !extras.Impatience.IsCancellationRequested && !IsOverdue(extras);

    protected override bool NeedsWatching => _extras?.Reason is not null && _phase == Phase.Active;

    /// <summary>Whether the activation has been idle for so long that it may be collected.</summary>
    public bool IsIdleFor(long now, TimeSpan age)
    {
        lock (Gate)
        {
            return _phase == Phase.Active && RunningCount == 0 && WaitingCount == 0 && _extras?.Reason is null
                && now - _lastUsedMs >= (long)age.TotalMilliseconds && (_extras?.KeepUntilMs ?? 0) <= now
                && _extras?.Sequences?.Exists(sequence => !sequence.IsStalled) != true;
        }
    }

    /// <summary>A successor that begins with the calls that waited.</summary>
    public static ActivationContext After(SiloRuntime runtime, GrainClass grainClass, GrainId grainId, GrainRequest waiting)
    {
        var next = new ActivationContext(runtime, grainClass, grainId);
        next.Inherit(waiting);
        return next;
    }

    public bool IsUsedSince(long ms) => Volatile.Read(ref _lastUsedMs) >= ms;

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        var extras = More();
        lock (Gate)
        {
            if (_phase is Phase.Deactivating or Phase.Ended || extras.Reason is not null) return;
            if (_phase == Phase.New && WaitingCount == 0)
            {
                // Made, but nobody came: whoever is on the way finds it ended and looks again.
                _phase = Phase.Ended;
                _runtime.Catalog.Remove(_grainId, this);
                extras.Ended?.TrySetResult();
                return;
            }

            extras.Reason = deactivationReason;
            extras.ReasonSinceMs = EngineClock.RealMs;
            extras.Impatience = cancellationToken;
        }

        if (cancellationToken.CanBeCanceled) cancellationToken.UnsafeRegister(static state => ((ActivationContext)state!).Wake(), this);
        StartWatching();
        Wake();
    }

    /// <summary>Ends the activation as a crash would: the grain is not told, calls fail.</summary>
    public void Abandon(Exception exception)
    {
        GrainRequest? waiting;
        var running = new List<GrainRequest>();
        lock (Gate)
        {
            if (_phase == Phase.Ended) return;
            _phase = Phase.Ended;
            waiting = TakeWaiting();
            for (var request = FirstRunning; request is not null; request = request.RunNext) running.Add(request);
        }

        EndTimersAndSequences();
        foreach (var request in running) request.Fail(exception);
        for (var request = waiting; request is not null;)
        {
            // Not begun: callers in other processes look for another silo.
            var next = request.Next;
            request.Next = null;
            if (request.IsCall) request.Refuse(exception);
            request = next;
        }

        _runtime.Catalog.Remove(_grainId, this);
        _extras?.Ended?.TrySetResult();
    }

    protected override TurnWork? TakeLifecycleWork()
    {
        if (_phase == Phase.New && FirstWaiting is not null)
        {
            // Asked once the activation can be found in the catalog, so that a hand-over either finds it or is seen here.
            if (_workers is null && !_runtime.Placement.MayActivate(_grainId))
            {
                _phase = Phase.Deactivating;
                return new ActionWork(() => End(successor: true, null));
            }

            _phase = Phase.Activating;
            return new ActionWork(() => _ = ActivateAsync());
        }

        if (_phase == Phase.Active && _extras is { Reason: { } reason } extras
            && !IsServingTheRest && (RunningCount == 0 || extras.Impatience.IsCancellationRequested || IsOverdue(extras)))
        {
            _phase = Phase.Deactivating;
            return new ActionWork(() => _ = DeactivateAsync(reason));
        }

        return null;
    }

    protected override void OnWatched(long now)
    {
        if (_extras is { Reason: not null } extras && _phase == Phase.Active && IsOverdue(extras)) Wake();
    }

    /// <summary>Calls that hang do not hold the end of an activation up for ever.</summary>
    private bool IsOverdue(Extras extras) => EngineClock.RealMs - extras.ReasonSinceMs > (long)_runtime.Collection.DeactivationTimeout.TotalMilliseconds;

    [SuppressMessage("Design", "CA1031", Justification = "Whatever a grain throws while it is activated goes to those who called it.")]
    private async Task ActivateAsync()
    {
        try
        {
            if (FirstWaiting?.Values is { } values) RequestContext.Values = values;
            _instance = Construct();
            if (_extras?.States is { } states)
                foreach (var state in states) await state.ReadStateAsync();
            if (_instance is IGrainBase grain) await ActivateGrainAsync(grain);
            _runtime.Catalog.OnActivated();
            lock (Gate)
            {
                if (_phase != Phase.Activating) return;
                _phase = Phase.Active;
            }

            _lastUsedMs = _runtime.Clock.NowMs;
            Wake();
        }
        catch (Exception exception)
        {
            await FailActivationAsync(exception);
        }
    }

    private object Construct()
    {
        try
        {
            return _class.Descriptor.Create(new GrainConstruction(this));
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException(
                $"Failed to create an instance of grain type {_class.Descriptor.Type}: {exception.Message}", exception);
        }
    }

    private async Task ActivateGrainAsync(IGrainBase grain)
    {
        // Most grains activate at once; only for those that do not a timer is worth its price.
        var limit = new CancellationTokenSource();
        var activation = grain.OnActivateAsync(limit.Token);
        if (!activation.IsCompleted) limit.CancelAfter(_runtime.Collection.ActivationTimeout);
        try
        {
            await activation;
        }
        finally
        {
            limit.Dispose();
        }
    }

    private async Task FailActivationAsync(Exception exception)
    {
        _runtime.OnActivationFailed(_grainId, exception);
        EndTimersAndSequences();
        await DisposeInstanceAsync();
        End(successor: false, exception);
    }

    [SuppressMessage("Design", "CA1031", Justification = "A grain that fails to deactivate is gone all the same; the log has it.")]
    private async Task DeactivateAsync(DeactivationReason reason)
    {
        EndTimersAndSequences();
        try
        {
            if (_instance is IGrainBase grain)
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(_extras!.Impatience);
                var deactivation = grain.OnDeactivateAsync(reason, limit.Token);
                if (!deactivation.IsCompleted)
                {
                    limit.CancelAfter(_runtime.Collection.DeactivationTimeout);
                    await deactivation.WaitAsync(_runtime.Collection.DeactivationTimeout + TimeSpan.FromSeconds(1), _extras.Impatience);
                }
                else
                {
                    await deactivation;
                }
            }
        }
        catch (Exception exception)
        {
            _runtime.OnDeactivationFailed(_grainId, exception);
        }

        await DisposeInstanceAsync();
        _runtime.Catalog.OnEnded();
        End(successor: true, null);
    }

    /// <summary>
    /// Ends this activation. Calls that wait go to a successor, which is put in its place while nobody can send here, so that order is kept.
    /// </summary>
    private void End(bool successor, Exception? failure)
    {
        GrainRequest? refused = null;
        HandedOnCalls? handedOn = null;
        lock (Gate)
        {
            if (_phase == Phase.Ended) return;
            var waiting = TakeWaiting();
            _phase = Phase.Ended;
            if (waiting is not null && successor && _workers is null && _runtime.IsActive && _runtime.Placement.MayActivate(_grainId))
            {
                _runtime.Catalog.Replace(_grainId, this, After(_runtime, _class, _grainId, waiting));
            }
            else if (waiting is not null && successor && _workers is null && GoesOnElsewhere)
            {
                handedOn = new HandedOnCalls(_runtime, _class, _grainId, waiting);
                _runtime.Catalog.Replace(_grainId, this, handedOn);
            }
            else
            {
                refused = waiting;
                if (_workers is null) _runtime.Catalog.Remove(_grainId, this);
            }
        }

        handedOn?.Send();
        _workers?.Remove(this);
        if (failure is null && _runtime.IsActive && _workers is not null) SendAgain(refused);
        else Refuse(refused, failure ?? new SiloUnavailableException($"The silo is stopping; grain {_grainId} was not called."));
        _instance = null;
        if (_extras is not { } extras) return;
        extras.States = null;
        extras.Components = null;
        lock (Gate) extras.Ended?.TrySetResult();
    }

    /// <summary>Whether calls that wait can be routed again: the grain is another silo's, or will be this one's when its earlier owner has given it up.</summary>
    private bool GoesOnElsewhere => _runtime.Status != SiloStatus.Dead
        && _runtime.Placement.Locate(_grainId) is { } owner && (_runtime.IsActive || !owner.Equals(_runtime.Address));

    private void SendAgain(GrainRequest? first)
    {
        for (var request = first; request is not null;)
        {
            var next = request.Next;
            request.Next = null;
            _runtime.Router.Route(request);
            request = next;
        }
    }

    private static void Refuse(GrainRequest? first, Exception exception)
    {
        for (var request = first; request is not null;)
        {
            var next = request.Next;
            request.Next = null;
            if (request.IsCall) request.Fail(exception);
            request = next;
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "What a grain does when it is cancelled does not keep its activation from ending; the log has it.")]
    private void EndTimersAndSequences()
    {
        IActivationTimer[] timers;
        IGrainSequence[] sequences;
        lock (Gate)
        {
            timers = _extras?.Timers?.ToArray() ?? [];
            sequences = _extras?.Sequences?.ToArray() ?? [];
        }

        foreach (var timer in timers) timer.Dispose();
        foreach (var sequence in sequences)
        {
            try
            {
                sequence.Abort(new EnumerationAbortedException($"Grain {_grainId} was deactivated before the sequence ended."));
            }
            catch (Exception exception)
            {
                // What the grain registered on its token.
                _runtime.OnDeactivationFailed(_grainId, exception);
            }
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "A grain that fails to dispose is gone all the same; the log has it.")]
    private async Task DisposeInstanceAsync()
    {
        try
        {
            if (_instance is IAsyncDisposable asyncDisposable) await asyncDisposable.DisposeAsync();
            else if (_instance is IDisposable disposable) disposable.Dispose();
            if (_extras?.Scope is { } scope) await scope.DisposeAsync();
        }
        catch (Exception exception)
        {
            _runtime.OnDeactivationFailed(_grainId, exception);
        }
    }
}
