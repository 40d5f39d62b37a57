using Microsoft.Extensions.DependencyInjection;
using Orleans.CodeGeneration;
using Orleans.Embedded.CodeGeneration;
using Orleans.Embedded.Manifests;
using Orleans.Embedded.Scheduling;
using Orleans.Embedded.Sequences;
using Orleans.Embedded.Storage;
using Orleans.Embedded.Timers;
using Orleans.Runtime;
using Orleans.Storage;

namespace Orleans.Embedded.Activations;

/// <summary>
/// One activation: the grain's object, its turns, its life. It is made with the first call, which waits in it until the grain is active.
/// The life itself (activate, deactivate, hand calls on) is in ActivationContext.Lifecycle.cs.
/// </summary>
internal sealed partial class ActivationContext : TurnScheduler, IGrainContext, IReentrancyScope
{
    private readonly SiloRuntime _runtime;
    private readonly StatelessWorkers? _workers;
    private readonly GrainId _grainId;
    private readonly GrainClass _class;
    private object? _instance;
    private Extras? _extras;
    private long _lastUsedMs;

    public ActivationContext(SiloRuntime runtime, GrainClass grainClass, GrainId grainId, StatelessWorkers? workers = null)
    {
        _runtime = runtime;
        _class = grainClass;
        _grainId = grainId;
        _workers = workers;
        _lastUsedMs = runtime.Clock.NowMs;
    }

    /// <summary>What most activations never need, so that idle ones stay small.</summary>
    private sealed class Extras
    {
        public ActivationId Id;
        public AsyncServiceScope? Scope;
        public List<PersistentStateBase>? States;
        public List<IActivationTimer>? Timers;
        public List<IGrainSequence>? Sequences;
        public List<Guid>? OpenChains;
        public Dictionary<Type, object>? Components;
        public TaskCompletionSource? Ended;
        public DeactivationReason? Reason;
        public long ReasonSinceMs;
        public long KeepUntilMs;
        public CancellationToken Impatience;
    }

    /// <summary>The activation whose turn runs on this thread.</summary>
    public static ActivationContext? OfThisTurn => CurrentTurn as ActivationContext;

    public GrainId GrainId => _grainId;

    public GrainClass Class => _class;

    /// <summary>Whether this is one of a stateless worker's activations, which every silo has of its own.</summary>
    public bool IsWorker => _workers is not null;

    public object? GrainInstance => _instance;

    public GrainReference GrainReference => (GrainReference)_runtime.Factory.GetGrain(_grainId);

    public IGrainFactory GrainFactory => _runtime.Factory;

    public ActivationId ActivationId
    {
        get
        {
            var extras = More();
            lock (Gate)
            {
                if (extras.Id.IsDefault) extras.Id = ActivationId.NewId();
                return extras.Id;
            }
        }
    }

    public IServiceProvider ActivationServices
    {
        get
        {
            var extras = More();
            lock (Gate) return (extras.Scope ??= _runtime.Services.CreateAsyncScope()).ServiceProvider;
        }
    }

    public Task Deactivated
    {
        get
        {
            var extras = More();
            lock (Gate)
            {
                extras.Ended ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                if (_phase == Phase.Ended) extras.Ended.TrySetResult();
                return extras.Ended.Task;
            }
        }
    }

    /// <summary>How many calls run and wait.</summary>
    public int Load => RunningCount + WaitingCount;

    internal override ProcessRuntime Runtime => _runtime;

    protected override object? Instance => _instance;

    /// <summary>Refuses code that runs outside of the grain's turns, as within Task.Run: on Orleans it would fail too.</summary>
    public static void CheckAccess(IGrainContext context)
    {
        if (!ReferenceEquals(CurrentTurn, context))
        {
            throw new InvalidOperationException(
                $"Activation access violation: code of grain {context.GrainId} runs outside of its turns, as within Task.Run. Take what you need before.");
        }
    }

    public void DelayDeactivation(TimeSpan timeSpan)
    {
        var extras = More();
        extras.KeepUntilMs = timeSpan <= TimeSpan.Zero ? 0
            : timeSpan == TimeSpan.MaxValue ? long.MaxValue
            : _runtime.Clock.NowMs + (long)timeSpan.TotalMilliseconds;
    }

    public IGrainTimer RegisterTimer<TState>(Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options)
    {
        CheckAccess(this);
        var timer = new GrainTimer<TState>(this, callback, state, options.Interleave, options.KeepAlive);
        var extras = More();
        lock (Gate) (extras.Timers ??= []).Add(timer);
        timer.Change(options.DueTime, options.Period);
        return timer;
    }

    public void Forget(IActivationTimer timer)
    {
        lock (Gate) _extras?.Timers?.Remove(timer);
    }

    public void Add(IGrainSequence sequence)
    {
        var extras = More();
        lock (Gate) (extras.Sequences ??= []).Add(sequence);
    }

    public void Forget(IGrainSequence sequence)
    {
        _lastUsedMs = _runtime.Clock.NowMs;
        lock (Gate) _extras?.Sequences?.Remove(sequence);
    }

    public void AddState(PersistentStateBase state) => (More().States ??= []).Add(state);

    public void SetComponent<TComponent>(TComponent? value)
        where TComponent : class
    {
        var extras = More();
        lock (Gate)
        {
            extras.Components ??= [];
            if (value is null) extras.Components.Remove(typeof(TComponent));
            else extras.Components[typeof(TComponent)] = value;
        }
    }

    public TComponent? GetComponent<TComponent>()
        where TComponent : class
    {
        if (_instance is TComponent instance) return instance;
        if (this is TComponent self) return self;
        lock (Gate) return _extras?.Components?.GetValueOrDefault(typeof(TComponent)) as TComponent;
    }

    public TTarget? GetTarget<TTarget>()
        where TTarget : class => _instance as TTarget;

    public bool Equals(IGrainContext? other) => ReferenceEquals(this, other);

    void IReentrancyScope.Enter(Guid id)
    {
        var extras = More();
        lock (Gate) (extras.OpenChains ??= []).Add(id);
    }

    void IReentrancyScope.Exit(Guid id)
    {
        lock (Gate) _extras?.OpenChains?.Remove(id);
    }

    protected override bool MayInterleaveLater(GrainRequest request)
    {
        if (Admission == Admission.None) return false;
        if (ComesBack(request)) return true;
        if (_extras?.Reason is not null && !IsServingTheRest) return false;
        return _class.IsReentrant || _class.MayInterleave is not null
            || (request.Options & (InvokeMethodOptions.AlwaysInterleave | InvokeMethodOptions.ReadOnly)) != InvokeMethodOptions.None;
    }

    protected override bool MayInterleave(GrainRequest request)
    {
        if (ComesBack(request)) return true;
        if (_extras?.Reason is not null && !IsServingTheRest) return false;
        if (_class.IsReentrant || (request.Options & InvokeMethodOptions.AlwaysInterleave) != InvokeMethodOptions.None) return true;
        if ((request.Options & InvokeMethodOptions.ReadOnly) != InvokeMethodOptions.None && OnlyReadersRun()) return true;
        if (_class.MayInterleave is not { } predicate || !request.IsCall) return false;
        try
        {
            return predicate(_instance!, request);
        }
        catch (Exception exception)
        {
            _runtime.OnWorkFailed(Describe(), exception);
            return false;
        }
    }

    protected override bool Begin(GrainRequest request)
    {
        if (!_runtime.HasIncomingWork && !_class.FiltersOwnCalls) return request.Begin(_instance!);
        return !request.IsCall ? request.Begin(_instance!) : _runtime.Filters.BeginIncoming(this, request);
    }

    protected override void OnFinished(GrainRequest request)
    {
        if (request.IsCall || ((IActivationTick)request).KeepsAlive) _lastUsedMs = _runtime.Clock.NowMs;

        // What was read while the lease held may be told; whether it held can only be known now. Another silo may have the grain since.
        if (!_runtime.Lease.Holds && request.IsCall) request.Failure = _runtime.LeaseLost();
        if (request.Failure is InconsistentStateException { IsOfThisActivation: true } inconsistent)
        {
            inconsistent.IsOfThisActivation = false;
            Deactivate(new DeactivationReason(
                DeactivationReasonCode.ApplicationError, inconsistent, $"{request} let an InconsistentStateException escape: the state in memory is stale."));
        }
    }

    protected override string Describe() => $"grain {_grainId}";

    private bool OnlyReadersRun()
    {
        for (var running = FirstRunning; running is not null; running = running.RunNext)
            if ((running.Options & InvokeMethodOptions.ReadOnly) == InvokeMethodOptions.None) return false;
        return true;
    }

    /// <summary>Whether the request belongs to a call chain that this activation let come back and is still waiting for.</summary>
    private bool ComesBack(GrainRequest request) =>
        _extras?.OpenChains is { Count: > 0 } chains && request.Values is { } values && values.ReentrancyId != Guid.Empty
        && chains.Contains(values.ReentrancyId);

    private Extras More()
    {
        if (_extras is { } extras) return extras;
        Interlocked.CompareExchange(ref _extras, new Extras(), null);
        return _extras;
    }
}
