using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Warroom.Operations;

namespace Warroom.Models;

/// <summary>Admission to one endpoint: <see cref="ModelGate"/> decides, this grain waits.</summary>
/// <remarks>Reentrant, so that those who wait hold nobody up. Safe because each method changes the gate in one synchronous step, and waits afterwards.</remarks>
[Reentrant]
public sealed class ModelGatewayGrain(IOptions<ModelGatewayOptions> options, TimeProvider time) : OperableGrain, IModelGatewayGrain
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ExpiryPeriod = TimeSpan.FromSeconds(5);
    private readonly ModelGate _gate = new(options.Value);
    private readonly Dictionary<Guid, TaskCompletionSource> _waiting = [];
    private readonly long _started = time.GetTimestamp();

    private TimeSpan Now => time.GetElapsedTime(_started);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        this.RegisterGrainTimer(
            _ =>
            {
                _gate.Expire(Now);
                WakeChanged();
                return Task.CompletedTask;
            },
            ExpiryPeriod,
            ExpiryPeriod);
        return Task.CompletedTask;
    }

    public async Task<Admission> AskAsync(Guid ticket, string asker, bool mayQueue, CancellationToken cancellationToken = default)
    {
        var admission = _gate.Ask(ticket, asker, mayQueue, Now);
        WakeChanged();
        if (admission.Kind != AdmissionKind.Queued || !mayQueue)
            return admission;

        if (!_waiting.TryGetValue(ticket, out var changed))
            _waiting.Add(ticket, changed = new(TaskCreationOptions.RunContinuationsAsynchronously));
        try
        {
            await changed.Task.WaitAsync(WaitMax, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // The place is kept; the answer says how many are in front now.
        }
        finally
        {
            _waiting.Remove(ticket);
        }

        var after = _gate.Ask(ticket, asker, mayQueue, Now);
        WakeChanged();
        return after;
    }

    public Task RenewAsync(Guid ticket)
    {
        _gate.Renew(ticket, Now);
        WakeChanged();
        return Task.CompletedTask;
    }

    public Task ReleaseAsync(Guid ticket, SlotOutcome outcome)
    {
        _gate.Release(ticket, outcome, Now);
        WakeChanged();
        return Task.CompletedTask;
    }

    public Task<ModelGatewayView> GetAsync() => Task.FromResult(_gate.View(this.GetPrimaryKeyString(), Now));

    private void WakeChanged()
    {
        foreach (var ticket in _gate.TakeChanged())
        {
            if (_waiting.TryGetValue(ticket, out var waiting))
                waiting.TrySetResult();
        }
    }
}
