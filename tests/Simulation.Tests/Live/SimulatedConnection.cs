using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Warroom.Bots;
using Warroom.Frontend.Live;
using Warroom.Incidents;

namespace Warroom.Simulation.Live;

/// <summary>A viewer's connection to a front end: in order, with delay; the viewer may stop reading for a while, and it may break.</summary>
internal sealed class SimulatedConnection(LiveWorld world, FrontEnd frontEnd, SimulatedViewer viewer) : IOutboxConnection
{
    private readonly Queue<Action> _held = new();
    private TaskCompletionSource? _stopped;
    private long _lastMs;

    public FrontEnd FrontEnd => frontEnd;

    public bool IsBroken { get; private set; }

    /// <summary>Messages are dropped until the viewer has its first answer; a mutation.</summary>
    public bool IsDeaf { get; set; }

    public ValueTask WriteAsync(SerializedHubMessage message)
    {
        if (IsBroken) return ValueTask.FromException(new IOException("The connection is broken."));
        var invocation = (InvocationMessage)message.Message!;
        var argument = invocation.Arguments[0];
        if (!IsDeaf) Deliver(() => viewer.OnMessage(invocation.Target, argument));
        return _stopped is null ? default : new ValueTask(_stopped.Task);
    }

    public int SizeOf(SerializedHubMessage message) => 100 + ((InvocationMessage)message.Message!).Arguments[0] switch
    {
        IncidentUpdate update => update.Events.Sum(logged => 100 + logged.Body.Length),
        SessionUpdate update => update.Events.Sum(logged => 100 + logged.Body.Length) + (update.Tokens?.Tokens.Sum(token => 3 + token.Length) ?? 0),
        _ => 0,
    };

    public void Abort() => Break();

    /// <summary>Brings something to the viewer, behind all that was sent before.</summary>
    public void Deliver(Action action)
    {
        _lastMs = Math.Max(_lastMs, world.Time.NowMs + world.Random.Next(1, 6));
        world.Time.After(_lastMs - world.Time.NowMs, Arrive);

        void Arrive()
        {
            if (IsBroken) return;
            if (_stopped is not null) _held.Enqueue(action);
            else action();
        }
    }

    /// <summary>The viewer reads nothing for a while.</summary>
    public void StopFor(long ms)
    {
        if (_stopped is not null) return;
        var stopped = _stopped = new TaskCompletionSource();
        frontEnd.Process.After(ms, () =>
        {
            _stopped = null;
            while (!IsBroken && _held.TryDequeue(out var action)) action();
            stopped.SetResult();
        });
    }

    public void Break()
    {
        if (IsBroken) return;
        IsBroken = true;
        world.Time.After(world.Random.Next(1, 20), viewer.OnLost);
    }
}
