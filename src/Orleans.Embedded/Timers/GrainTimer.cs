using Orleans.CodeGeneration;
using Orleans.Embedded.Activations;
using Orleans.Embedded.CodeGeneration;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace Orleans.Embedded.Timers;

/// <summary>A timer as its activation sees it.</summary>
internal interface IActivationTimer : IDisposable;

/// <summary>A tick in an activation's mailbox.</summary>
internal interface IActivationTick
{
    bool KeepsAlive { get; }
}

/// <summary>
/// A timer of one activation. A tick goes through the mailbox like a call, so it never runs beside a call that does not allow it; at most one is under
/// way, and the period counts from the end of the callback.
/// </summary>
internal sealed class GrainTimer<TState> : IGrainTimer, IActivationTimer
{
    private readonly ActivationContext _activation;
    private readonly Func<TState, CancellationToken, Task> _callback;
    private readonly TState _state;
    private readonly bool _interleave;
    private readonly bool _keepAlive;
    private readonly CancellationTokenSource _ended = new();
    private readonly ITimer _timer;
    private readonly Lock _lock = new();
    private TimeSpan _period;
    private bool _underWay;
    private bool _changedMeanwhile;
    private bool _disposed;

    public GrainTimer(
        ActivationContext activation, Func<TState, CancellationToken, Task> callback, TState state, bool interleave, bool keepAlive)
    {
        _activation = activation;
        _callback = callback;
        _state = state;
        _interleave = interleave;
        _keepAlive = keepAlive;

        // The timer's flow is that of the silo: a callback must not see the values of the call that made it.
        _timer = CleanFlow.Run(() => activation.Runtime.Clock.TimeProvider.CreateTimer(
            static self => ((GrainTimer<TState>)self!).OnDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan));
    }

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        Check(dueTime, nameof(dueTime));
        Check(period, nameof(period));
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _period = period;
            _changedMeanwhile = _underWay;
            _timer.Change(dueTime, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed) return;
            _disposed = true;
        }

        _timer.Dispose();
        _ended.Cancel();
        _activation.Forget(this);
    }

    private static void Check(TimeSpan time, string name)
    {
        if (time < TimeSpan.Zero && time != Timeout.InfiniteTimeSpan)
            throw new ArgumentOutOfRangeException(name, time, "A timer's times are zero or more, or Timeout.InfiniteTimeSpan.");
    }

    private void OnDue()
    {
        lock (_lock)
        {
            if (_disposed || _underWay) return;
            _underWay = true;
            _changedMeanwhile = false;
        }

        _activation.TryAccept(new Tick(this));
    }

    private async Task RunAsync()
    {
        try
        {
            if (!_disposed) await _callback(_state, _ended.Token);
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            // The timer was disposed while its callback ran.
        }
        catch (Exception exception)
        {
            _activation.Runtime.OnTimerFailed(_activation.GrainId, exception);
        }
        finally
        {
            Rearm();
        }
    }

    private void Rearm()
    {
        lock (_lock)
        {
            _underWay = false;
            if (_disposed || _changedMeanwhile || _period <= TimeSpan.Zero) return;
            _timer.Change(_period, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>One tick. Each is an object of its own: the next may be due before the scheduler has let go of the last.</summary>
    private sealed class Tick(GrainTimer<TState> timer) : GrainRequest, IActivationTick
    {
        private static readonly GrainMethod TickMethod = new(
            typeof(IGrainTimer), typeof(IGrainTimer).FullName!, "Tick", "Tick", InvokeMethodOptions.OneWay, null, []);

        public bool KeepsAlive => timer._keepAlive;

        internal override bool IsCall => false;

        internal override InvokeMethodOptions Options =>
            timer._interleave ? InvokeMethodOptions.OneWay | InvokeMethodOptions.AlwaysInterleave : InvokeMethodOptions.OneWay;

        protected override GrainMethod Method => TickMethod;

        internal override bool Begin(object target)
        {
            var run = timer.RunAsync();
            if (run.IsCompleted) return true;
            run.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(() => Holder!.Finished(this));
            return false;
        }

        internal override ValueTask<Response> InvokeOn(object target) => throw new InvalidOperationException("A tick is no call.");

        internal override void SetResponse(Response response) => throw new InvalidOperationException("A tick is no call.");

        internal override void DeliverAnswer()
        {
        }

        internal override void SetException(Exception exception)
        {
        }
    }
}
