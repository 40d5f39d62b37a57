using System.Collections.Immutable;
using System.Net;
using Orleans.Embedded.Membership;
using Orleans.Embedded.Streams;
using Orleans.Runtime;

namespace Warroom.Simulation.Processes;

/// <summary>
/// Silos and clients that die, leave, stop for a while and come back, connections that break or fall silent, and views of the cluster that some know earlier than others. (Who is in a view, and that no two silos own a grain, is
/// another simulation's matter: <c>ClusterWorld</c>.)
/// </summary>
internal sealed class StreamCluster
{
    private const long LeaseMs = 5000;

    private readonly VirtualTime _time;
    private readonly Random _random;
    private readonly Story _story;
    private readonly StreamMutation _mutation;
    private readonly StreamBounds _bounds;
    private readonly List<StreamProcess> _all = [];
    private readonly ViewHistory _views = new();
    private readonly Dictionary<SiloAddress, long> _handedOver = [];
    private readonly List<SiloAddress> _active = [];
    private readonly int _silosMax;
    private readonly int _clientsMax;
    private long _view;
    private int _numbers;

    public StreamCluster(VirtualTime time, Random random, Story story, StreamMutation mutation, StreamBounds bounds, int silos, int clients)
    {
        (_time, _random, _story, _mutation, _bounds, _silosMax, _clientsMax) = (time, random, story, mutation, bounds, silos, clients);
        Network = new SimulatedNetwork(time, random);
    }

    public Escapes Escapes { get; } = new();

    public SimulatedNetwork Network { get; }

    public IEnumerable<StreamProcess> Processes => _all.Where(process => !process.IsDead);

    public IEnumerable<StreamProcess> Silos => Processes.Where(process => process.Address is not null);

    public IEnumerable<StreamProcess> Clients => Processes.Where(process => process.Address is null);

    /// <summary>How often what happened.</summary>
    public StreamFaults Faults { get; } = new();

    /// <summary>When something last happened after which homes may have to be found anew.</summary>
    public long DisturbedMs { get; private set; }

    /// <summary>Told of each process that has come, and of each that is gone.</summary>
    public Action<StreamProcess> Started { get; set; } = _ => { };

    public Action<StreamProcess> Gone { get; set; } = _ => { };

    /// <summary>Told of each process that has learned of a new view.</summary>
    public Action<StreamProcess> Learned { get; set; } = _ => { };

    /// <summary>The newest view, which some may not know yet.</summary>
    public ClusterView View { get; private set; } = ClusterView.Empty;

    /// <summary>The simulation is over.</summary>
    public void End()
    {
        foreach (var process in _all) process.Dispose();
    }

    public void Begin()
    {
        for (var i = 0; i < _silosMax; i++) StartSilo();
        for (var i = 0; i < _clientsMax; i++) StartClient();
    }

    /// <summary>Faults until a moment.</summary>
    public void Disturb(long untilMs)
    {
        if (_time.NowMs >= untilMs) return;
        _time.After(_random.Next(200, 4000), () => Disturb(untilMs));
        var processes = Processes.Where(process => !process.IsLeaving).ToList();
        if (processes.Count < 2) return;
        var one = processes[_random.Next(processes.Count)];
        var other = processes[_random.Next(processes.Count)];
        DisturbedMs = _time.NowMs;
        switch (_random.Next(12))
        {
            case 0 or 1:
                Kill(one);
                break;
            case 2 when one.Address is not null:
                Leave(one);
                break;
            case 3 or 4:
                Pause(one, _random.NextInt64(100, Math.Clamp(untilMs - _time.NowMs, 101, 9_000)));
                break;
            case 5 or 6 or 7:
                Faults.Cuts++;
                Tell($"the connections between {one} and {other} break");
                Network.Break(one.Name, other.Name);
                break;
            case 8 or 9:
                Faults.Silences++;
                Tell($"nothing gets through between {one} and {other}");
                Network.Silence(one.Name, other.Name, _random.Next(100, 4_000));
                break;
            default:
                Faults.Slow++;
                Network.SlowMs = _random.Next(20, 400);
                _time.After(_random.Next(200, 2_000), () => Network.SlowMs = 0);
                break;
        }
    }

    /// <summary>No more faults: all go on.</summary>
    public void Heal()
    {
        Tell("no more faults");
        Network.Heal();
        foreach (var process in Processes) process.Resume();
    }

    private void Kill(StreamProcess process)
    {
        Faults.Kills++;
        Tell($"{process} dies");
        Remove(process);
        if (process.Address is { } address)
        {
            _time.After(_random.Next(50, 6_500), () => Declare(address));
            _time.After(_random.Next(100, 4_000), StartSilo);
        }
        else
        {
            _time.After(_random.Next(100, 4_000), StartClient);
        }
    }

    private void Remove(StreamProcess process)
    {
        process.Die();
        if (process is { IsLeaving: true, Address: { } address }) _handedOver.Remove(address);
        Network.OnDeath(process);
        Gone(process);
    }

    private void Declare(SiloAddress address)
    {
        _handedOver.Remove(address);
        if (_active.Remove(address)) Change();
    }

    private void Leave(StreamProcess silo)
    {
        Faults.Leaves++;
        Tell($"{silo} leaves");
        silo.IsLeaving = true;
        _active.Remove(silo.Address!);
        Change();
        silo.After(_random.Next(1, 500), () => silo.Start(
            async () =>
            {
                await silo.Mesh.HandOverAsync(CancellationToken.None);
                Tell($"{silo} has left");
                _time.After(0, () => Remove(silo));
                _time.After(_random.Next(100, 3_000), StartSilo);
            },
            exception => throw new InvalidOperationException("Handing over failed.", exception)));
    }

    private void Pause(StreamProcess process, long ms)
    {
        Faults.Pauses++;
        Tell($"{process} stops for {ms} ms");
        process.Pause(ms);
        if (process.Address is not { } address || ms < LeaseMs) return;

        // Its lease runs out: others declare it dead, and when it goes on it ends.
        _time.After(_random.NextInt64(LeaseMs, ms + 1), () => Declare(address));
        _time.After(ms, () =>
        {
            if (process.IsDead) return;
            Declare(address);
            Tell($"{process} finds that its lease has run out");
            Remove(process);
            StartSilo();
        });
    }

    private void StartSilo()
    {
        if (Silos.Count(silo => !silo.IsLeaving) >= _silosMax) return;
        var number = ++_numbers;
        var address = SiloAddress.New(IPAddress.Loopback, 11_000 + number, number);
        var silo = Make(address.ToParsableString(), address);
        _active.Add(address);
        Tell($"{silo} starts");
        Change();
    }

    private void StartClient()
    {
        if (Clients.Count() >= _clientsMax) return;
        Tell($"{Make($"client-{++_numbers}", null)} starts");
    }

    private StreamProcess Make(string name, SiloAddress? address)
    {
        var bounds = _mutation == StreamMutation.NoBounds
            ? _bounds with { OutboxMax = int.MaxValue, SessionMax = int.MaxValue, SubscriberMax = int.MaxValue } : _bounds;
        var process = new StreamProcess(_time, Escapes, Network, _mutation, _random, bounds, _views, name, address);
        _all.Add(process);
        if (_mutation == StreamMutation.DeadNotDropped && address is null) KeepUp(process);
        process.Post(process.Mesh.Start);
        if (address is not null) _handedOver[address] = _view + 1;
        process.Post(() => Learn(process));
        process.After(_random.Next(1, 50), () => Started(process));
        return process;
    }

    /// <summary>Says to all that the client is there, which it is not any more.</summary>
    private void KeepUp(StreamProcess client)
    {
        _time.After(1_000, () => KeepUp(client));
        if (!client.IsDead) return;
        foreach (var session in Silos.SelectMany(silo => silo.Mesh.Sessions))
            if (session.Process == client.Name) session.Renew();
    }

    /// <summary>There is another view: each process learns of it, sooner or later.</summary>
    private void Change()
    {
        Faults.Views++;
        DisturbedMs = _time.NowMs;
        var view = View = new ClusterView(++_view, [.. Processes.Where(process => process.Address is not null && (_active.Contains(process.Address) || process.IsLeaving)).Select(Member)]);
        _views.Add(view);
        Tell($"view {view.Version}: {string.Join(' ', view.Members.Select(member => $"{member.Address} {member.Status}"))}");
        foreach (var process in Processes) process.After(_random.Next(8) == 0 ? _random.Next(50, 1_500) : _random.Next(1, 20), () => Learn(process));
    }

    /// <summary>A process reads the table. A silo that finds a new view there says soon that it has handed over.</summary>
    private void Learn(StreamProcess process)
    {
        var isNew = process.ViewVersion < View.Version;
        process.Learn(View, _handedOver.ToDictionary());
        if (isNew) Learned(process);
        if (!isNew || process.Address is not { } address) return;
        var version = process.ViewVersion;
        process.After(_random.Next(1, 100), () =>
        {
            if (!_handedOver.TryGetValue(address, out var known) || known >= version) return;
            _handedOver[address] = version;
            foreach (var other in Processes) other.After(_random.Next(8) == 0 ? _random.Next(50, 1_000) : _random.Next(1, 20), () => Learn(other));
        });
    }

    private ClusterMember Member(StreamProcess silo) => new(
        silo.Address!, silo.Name, _active.Contains(silo.Address!) ? SiloStatus.Active : SiloStatus.ShuttingDown, 0, DateTimeOffset.UnixEpoch, 0);

    private void Tell(string what) => _story.Add(_time.NowMs, what);
}

/// <summary>How often what went wrong.</summary>
internal sealed class StreamFaults
{
    public long Kills;
    public long Leaves;
    public long Pauses;
    public long Cuts;
    public long Silences;
    public long Slow;
    public long Views;
}
