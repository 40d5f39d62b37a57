using Orleans.Runtime;
using Warroom.Bots;
using Warroom.Simulation.Processes;
using Warroom.Streams;

namespace Warroom.Simulation.Live;

/// <summary>Where the grains of sessions are: each in one place only, which is the engine's promise and another simulation's matter. The next silo waits until the last has handed over, is dead or has lost its lease.</summary>
internal sealed class SessionGrains(SessionWorld world)
{
    private const long WaitMs = 3_000;

    private readonly Dictionary<Guid, SessionActivation> _activations = [];

    /// <summary>The activation of a session, if its silo lives.</summary>
    public SessionActivation? Find(Guid id) => _activations.GetValueOrDefault(id) is { IsGone: false, Silo.IsDead: false } activation ? activation : null;

    /// <summary>The activation that answers calls to a session at a silo.</summary>
    public async Task<SessionActivation> ActivateAsync(StreamProcess silo, Guid id)
    {
        for (var since = world.Time.NowMs; ; await silo.Delay(25))
        {
            if (silo.Mesh.HomeOf(WarroomStreams.Session(id)) != silo.Name) throw new SiloUnavailableException("The session is somewhere else.");
            if (Find(id) is not { } known || (known.Silo != silo && !silo.Knows(known.Silo.Address!))) break;
            if (known.Silo == silo && !known.IsLeaving)
            {
                await known.Ready;
                return known;
            }

            if (world.Time.NowMs - since > WaitMs) throw new TimeoutException("The session is still somewhere else.");
        }

        var activation = _activations[id] = new SessionActivation(world, silo, id);
        await activation.Ready;
        return activation;
    }

    /// <summary>A silo has learned of a new view: sessions that are not its own any more leave it.</summary>
    public void OnLearned(StreamProcess silo)
    {
        foreach (var activation in _activations.Values.Where(activation => activation.Silo == silo)) activation.LeaveIfMoved();
    }
}

/// <summary>A session's grain as a front end calls it, which sees of it what <see cref="GetAsync"/> says.</summary>
internal sealed class SessionReference(SessionWorld world, FrontEnd frontEnd, Guid id) : IBotSessionGrain
{
    public async Task<SessionView?> GetAsync(CancellationToken cancellationToken = default)
    {
        frontEnd.Calls++;
        if (world.Fails(5)) throw new SiloUnavailableException("The call was not taken.");
        var silo = frontEnd.Process.Mesh.HomeOf(WarroomStreams.Session(id)) ?? throw new SiloUnavailableException("No silo is active.");
        var view = await world.Cluster.Network.CallAsync(frontEnd.Process, silo, async target => (await world.Grains.ActivateAsync((StreamProcess)target, id)).View());
        if (world.IsTold) world.Tell($"{silo} answers {frontEnd.Process} with {view.Version} of {id} and {world.Describe(view.Live)}");
        if (view.Live is { } live) frontEnd.NextTokens[live.ReplyId] = live.NextToken;
        return view;
    }

    public Task<SessionAck> StartAsync(StartSession command, CancellationToken cancellationToken = default) => throw new NotSupportedException("Feeds only read.");

    public Task<SessionAck> SendAsync(SendMessage command, CancellationToken cancellationToken = default) => throw new NotSupportedException("Feeds only read.");

    public Task<SessionAck> StopReplyAsync(ReplyCommand command, CancellationToken cancellationToken = default) => throw new NotSupportedException("Feeds only read.");

    public Task<SessionAck> RegenerateAsync(ReplyCommand command, CancellationToken cancellationToken = default) => throw new NotSupportedException("Feeds only read.");

    public Task<SessionAck> ContinueAsync(ReplyCommand command, CancellationToken cancellationToken = default) => throw new NotSupportedException("Feeds only read.");
}
