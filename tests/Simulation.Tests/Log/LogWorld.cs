using Orleans.Storage;
using Warroom.Persistence;

namespace Warroom.Simulation.Log;

/// <summary>How often what went wrong.</summary>
internal sealed class LogCounts
{
    public long FailedBefore;
    public long UnknownDone;
    public long UnknownNotDone;
    public long DoneLate;
    public long Fenced;
    public long Killed;
    public long Resumes;
    public long Answered;
    public long Resent;
}

/// <summary>
/// One incident's log under faults, in virtual time: clients resend, activations die or go on although another has taken over, the database fails in all
/// the ways that it has, and what is published arrives late, twice, in another order or not at all. At the end all of them must tell the same story.
/// </summary>
internal sealed class LogWorld
{
    public static readonly Guid Owner = new("00000000-0000-7000-8000-000000000001");

    private const int Clients = 4;
    private const int CommandsOfEach = 8;
    private const long FaultsUntilMs = 8_000;
    private const long EndMs = 30_000;
    private const int AttemptsMax = 200;

    private readonly Dictionary<string, long> _answered = [];
    private readonly HashSet<string> _refusedForGood = [];
    private readonly List<Tally> _reads = [];
    private readonly List<SimulatedActivation> _activations = [];
    private readonly List<SimulatedViewer> _viewers = [];
    private readonly Story _story;
    private int _finished;
    private Exception? _failure;

    public LogWorld(int seed, LogMutation mutation, Story story)
    {
        Random = new Random(seed);
        Mutation = mutation;
        _story = story;
        Scheduler = new VirtualScheduler(Time);
        Table = new SimulatedTable(mutation);
        for (var i = 0; i < 3; i++) _viewers.Add(new SimulatedViewer(this));
    }

    public VirtualTime Time { get; } = new();

    public Random Random { get; }

    public LogMutation Mutation { get; }

    public VirtualScheduler Scheduler { get; }

    public SimulatedTable Table { get; }

    public LogCounts Counts { get; } = new();

    public bool HasFaults => Time.NowMs < FaultsUntilMs;

    public void Play()
    {
        // Continuations belong to the virtual scheduler and to nothing else.
        var outside = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            for (var i = 0; i < Clients; i++)
            {
                var client = i;
                Start(() => ClientAsync(client));
            }

            Start(MoveAsync);
            Start(ReadAsync);
            Time.RunUntil(EndMs);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outside);
        }

        if (_failure is not null) throw _failure as SimulationFailedException ?? new SimulationFailedException(_failure.ToString());
        Check();
    }

    public long Latency() => Random.Next(20) == 0 ? Random.Next(20, 300) : Random.Next(1, 5);

    public bool Fails(int percent) => HasFaults && Random.Next(100) < percent;

    public void OnFenced(SimulatedActivation activation)
    {
        Counts.Fenced++;
        Tell($"activation {activation.Number} is fenced");
        activation.Kill();
    }

    public void Publish(LogCommit<Tally> commit)
    {
        Tell($"published {commit.Events[0].Seq} to {commit.Events[^1].Seq}");
        foreach (var viewer in _viewers)
        {
            if (Fails(10))
            {
                // A subscriber whose buffer overflowed, or whose connection broke, is told so.
                Time.After(Latency(), viewer.OnLost);
                continue;
            }

            Deliver(viewer, commit);
            if (Fails(10)) Deliver(viewer, commit);
        }
    }

    private void Deliver(SimulatedViewer viewer, LogCommit<Tally> commit) => Time.After(Latency(), () => viewer.OnEvents(commit.Events));

    private void Start(Func<Task> actor) => _ = Scheduler.Run(async () =>
    {
        try
        {
            await actor();
        }
        catch (Exception exception)
        {
            _failure ??= exception;
        }
    });

    private async Task ClientAsync(int client)
    {
        for (var number = 0; number < CommandsOfEach; number++)
        {
            await Scheduler.Delay(Random.Next(1, 400));
            await CommandAsync(new Guid(client + 1, (short)number, 0, new byte[8]), $"{client}.{number}");
        }

        if (++_finished < Clients) return;

        // When all is quiet one more event is written, whose number shows every viewer what it lacks.
        await Scheduler.Delay(Math.Max(0, FaultsUntilMs - Time.NowMs) + 2_000);
        await CommandAsync(new Guid(Clients + 1, 0, 0, new byte[8]), "last");
    }

    private async Task CommandAsync(Guid operationId, string body)
    {
        var isOpen = false;
        for (var attempt = 1; attempt <= AttemptsMax; attempt++)
        {
            if (attempt > 1) Counts.Resent++;
            try
            {
                var activation = await TargetAsync();
                await Scheduler.Delay(Latency());
                if (activation.IsGone) continue;
                var call = activation.AppendAsync(operationId, body);
                if (Fails(5))
                {
                    // The caller hears nothing of it: its silo died, or the answer got lost.
                    isOpen = true;
                    await Scheduler.Delay(Random.Next(1, 500));
                    continue;
                }

                var answer = await call;
                if (Fails(5))
                {
                    isOpen = true;
                    continue;
                }

                Tell($"{body} is answered with {answer.Seq}");
                Counts.Answered++;
                _answered.Add(body, answer.Seq);
                return;
            }
            catch (Exception exception) when (exception is InconsistentStateException or DomainException { Kind: RefusalKind.Unknown })
            {
                isOpen |= exception is DomainException;
            }
            catch (DomainException unavailable) when (unavailable.Kind is RefusalKind.Unavailable or RefusalKind.TooMany)
            {
                await Scheduler.Delay(Random.Next(1, 50));
            }
            catch (IOException)
            {
                // Nothing was written. Some clients leave it at that.
                if (!isOpen && Random.Next(3) == 0)
                {
                    _refusedForGood.Add(body);
                    return;
                }
            }

            await Scheduler.Delay(Random.Next(1, 30));
        }

        throw new SimulationFailedException($"Command {body} was not answered in {AttemptsMax} attempts.");
    }

    /// <summary>Where a call goes: to the owner, which is made if there is none, or to one that was the owner before.</summary>
    private async Task<SimulatedActivation> TargetAsync()
    {
        if (_activations.Count > 1 && Fails(15)) return _activations[Random.Next(_activations.Count)];
        if (_activations.Count > 0 && !_activations[^1].IsGone) return _activations[^1];
        return await ActivateAsync();
    }

    private async Task<SimulatedActivation> ActivateAsync()
    {
        var activation = new SimulatedActivation(this, _activations.Count + 1);
        await activation.LoadAsync();
        _activations.Add(activation);
        Tell($"activation {activation.Number} begins at version {Table.Row.Version}");
        return activation;
    }

    /// <summary>Owners die, or others take over while they go on.</summary>
    private async Task MoveAsync()
    {
        while (HasFaults)
        {
            await Scheduler.Delay(Random.Next(100, 1500));
            if (_activations.Count == 0) continue;
            if (Random.Next(2) == 0)
            {
                Counts.Killed++;
                Tell($"activation {_activations[^1].Number} dies");
                _activations[^1].Kill();
            }

            try
            {
                await ActivateAsync();
            }
            catch (IOException)
            {
                // The next call tries again.
            }
        }
    }

    private async Task ReadAsync()
    {
        while (Time.NowMs < FaultsUntilMs + 2_000)
        {
            await Scheduler.Delay(Random.Next(20, 120));
            if (_activations.Count == 0) continue;
            try
            {
                if (_activations[Random.Next(_activations.Count)].Read() is { } state) _reads.Add(state);
            }
            catch (InconsistentStateException)
            {
                // Fenced: it serves no read any more.
            }
        }
    }

    private void Check()
    {
        var bodies = Table.Events.Select(logged => logged.Event.Body).ToList();
        Require(_answered.ContainsKey("last"), "not all commands were answered in time");
        Require(Table.Events.Select(logged => logged.Event.Seq).SequenceEqual(Enumerable.Range(1, bodies.Count).Select(seq => (long)seq)), "the numbers have gaps");
        Require(bodies.Distinct().Count() == bodies.Count, $"a command is in the log twice: {string.Join(' ', bodies)}");
        foreach (var (body, seq) in _answered)
            Require(seq >= 1 && seq <= bodies.Count && bodies[(int)seq - 1] == body, $"command {body} was answered with {seq}, where the log has something else");
        foreach (var body in _refusedForGood) Require(!bodies.Contains(body), $"command {body} was refused, and is in the log");
        Require(Table.Row.State!.Bodies.SequenceEqual(bodies), "the row's state is not what its events add up to");
        for (var i = 1; i < Table.Events.Count; i++)
            Require(Table.Events[i].Epoch >= Table.Events[i - 1].Epoch, $"event {i + 1} was written by an owner before that of event {i}");
        var hash = EventHash.Genesis;
        foreach (var (logged, _) in Table.Events)
        {
            hash = EventHash.Next(hash, Owner, logged.Seq, logged.Body);
            Require(logged.Hash == hash, $"the chain breaks at event {logged.Seq}");
        }

        foreach (var read in _reads)
            Require(read.Bodies.Length <= bodies.Count && read.Bodies.SequenceEqual(bodies.Take(read.Bodies.Length)), "a reader saw what the log does not have");
        foreach (var viewer in _viewers)
            Require(viewer.Applied.Select(logged => logged.Body).SequenceEqual(bodies), $"a viewer saw {viewer.Applied.Count} events, the log has {bodies.Count}, or they differ");
    }

    private static void Require(bool condition, string otherwise)
    {
        if (!condition) throw new SimulationFailedException($"At the end {otherwise}.");
    }

    private void Tell(string what)
    {
        if (_story.IsTold) _story.Add(Time.NowMs, what);
    }
}
