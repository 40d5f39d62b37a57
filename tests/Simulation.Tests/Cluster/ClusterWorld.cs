using Orleans.Embedded.Membership;
using Orleans.Embedded.Placement;

namespace Warroom.Simulation.Cluster;

/// <summary>
/// A cluster under faults, in virtual time: silos come, go, die, stop and go on, lose their way to the store in one direction or both, and have clocks of
/// different speeds. What must never happen is looked for after each step; at the end, without faults, every grain must find its owner.
/// </summary>
internal sealed class ClusterWorld
{
    public const int Grains = 24;
    private const long FaultsUntilMs = 45_000;

    /// <summary>A lease of silence by a clock that looks once a second, an attempt that was lost, the slowest grain, a start, and some.</summary>
    private const long RecoveryMs = 22_000;

    /// <summary>Less than half of the lease's margin, for each of two clocks.</summary>
    private const double RateMax = 0.009;

    private readonly ulong[] _hashes = [.. Enumerable.Range(0, Grains).Select(grain => KeyHash.Of($"grain {grain}"))];
    private readonly List<SimulatedSilo> _silos = [];
    private readonly int _silosMax;
    private int _numbers;

    public ClusterWorld(int seed, Mutation mutation, Story story)
    {
        Random = new Random(seed);
        Mutation = mutation;
        Story = story;
        Store = new FakeStore(Time, Random, Faults) { Changed = Notify };
        _silosMax = Random.Next(2, 6);
    }

    public Mutation Mutation { get; }

    public Story Story { get; }

    public Random Random { get; }

    public VirtualTime Time { get; } = new();

    public Faults Faults { get; } = new();

    public FakeStore Store { get; }

    public long Served { get; private set; }

    public ulong Hash(int grain) => _hashes[grain];

    /// <summary>Plays it from beginning to end.</summary>
    /// <exception cref="SimulationFailedException">Something happened that must not.</exception>
    public void Play()
    {
        for (var i = 0; i < _silosMax; i++) Time.After(Random.Next(500), StartSilo);
        Time.After(1000, Visit);
        Time.After(3000, Fault);
        Time.RunUntil(FaultsUntilMs);
        Heal();
        Time.RunUntil(FaultsUntilMs + RecoveryMs);
        CheckRecovery();
    }

    /// <summary>At no time may two silos have a grain active, or believe that they may activate it, while both hold their leases.</summary>
    public void CheckAll()
    {
        for (var grain = 0; grain < Grains; grain++) Check(grain);
        CheckReports();
    }

    public void Check(int grain)
    {
        SimulatedSilo? may = null;
        SimulatedSilo? has = null;
        foreach (var silo in _silos)
        {
            if (!silo.HoldsLease) continue;
            if (silo.Has(grain))
            {
                if (has is not null) throw new SimulationFailedException($"Grain {grain} is active in {has} and in {silo}, and both hold their leases.");
                has = silo;
            }

            if (!silo.MayActivate(grain)) continue;
            if (may is not null) throw new SimulationFailedException($"{may} and {silo} both may activate grain {grain}, and both hold their leases.");
            may = silo;
        }

        if (may is not null && has is not null && may != has) throw new SimulationFailedException($"{may} may activate grain {grain}, which is active in {has}.");
    }

    /// <summary>What a silo has active it owned in a view from that on which it said that it has handed over, or it named it as held.</summary>
    private void CheckReports()
    {
        var table = Store.Table;
        foreach (var silo in _silos)
        {
            if (!silo.IsAlive || table.Rows.FirstOrDefault(row => row.Address.Equals(silo.Logic.Self)) is not { IsAlive: true } row) continue;
            foreach (var grain in silo.Active)
            {
                if (row.Held.Contains((long)Hash(grain)) || OwnedIn(silo, Hash(grain), row.HandedOver, table)) continue;
                throw new SimulationFailedException($"{silo} said that it has handed over view {row.HandedOver}, and still has grain {grain}, which it did not own then or later.");
            }
        }
    }

    private static bool OwnedIn(SimulatedSilo silo, ulong hash, long from, MembershipTable table)
    {
        for (var version = from; version <= table.Version; version++)
        {
            var owners = new Rendezvous(table.Rows.Where(row => row.OwnsIn(version)).Select(row => row.Address));
            if (silo.Logic.Self.Equals(owners.Owner(hash))) return true;
        }

        return false;
    }

    private void CheckRecovery()
    {
        for (var grain = 0; grain < Grains; grain++)
        {
            if (_silos.Count(silo => silo.MayActivate(grain)) == 1) continue;
            var states = string.Join("; ", _silos.Where(silo => silo.IsAlive).Select(silo =>
                $"{silo}: {silo.Logic.Row?.Status}, view {silo.Logic.Table.Version}, handed over {silo.Logic.HandedOver}, lease {silo.HoldsLease}"));
            throw new SimulationFailedException($"{RecoveryMs} ms after the last fault nobody may activate grain {grain}. The store is at view {Store.Table.Version}. {states}");
        }
    }

    private void Notify()
    {
        foreach (var silo in _silos)
            if (silo.IsAlive && Random.Next(5) > 0) silo.After(Random.Next(1, 20), silo.Read);
    }

    /// <summary>A silo has ended: a supervisor starts another.</summary>
    public void OnEnded() => Time.After(Random.Next(100, 3000), StartSilo);

    private void StartSilo()
    {
        if (_silos.Count(silo => silo.IsAlive) >= _silosMax) return;
        var rate = 1 + ((Random.NextDouble() * 2) - 1) * (Mutation == Mutation.ClocksTooDifferent ? 0.2 : RateMax);
        var silo = new SimulatedSilo(this, ++_numbers, FreePlace(), rate);
        Story.Add(Time.NowMs, $"silo {silo.Number} starts in place {silo.Place}, its clock runs at {rate:0.0000}");
        _silos.Add(silo);
        if (Time.NowMs < FaultsUntilMs && Random.Next(6) == 0) Cut(silo, requests: false, answers: true);
        silo.Start();
    }

    /// <summary>A supervisor starts a silo where one has ended, more often than not; one process at a time listens in a place.</summary>
    private int FreePlace()
    {
        if (Random.Next(4) == 0) return 1000 + _numbers;
        if (Mutation == Mutation.SharedPlaces) return Random.Next(2);
        var taken = _silos.Where(silo => silo.IsAlive).Select(silo => silo.Place).ToHashSet();
        return Enumerable.Range(0, _silosMax).First(place => !taken.Contains(place));
    }

    /// <summary>Calls of clients, each by what some silo knows; and grains that end because nobody needs them.</summary>
    private void Visit()
    {
        Time.After(Random.Next(10, 50), Visit);
        var alive = _silos.FindAll(silo => silo.IsAlive);
        if (alive.Count == 0) return;
        var grain = Random.Next(Grains);
        var target = alive[Random.Next(alive.Count)].Logic.Ownership.Locate(Hash(grain));
        alive.Find(silo => silo.Logic.Self.Equals(target))?.After(Random.Next(1, 10), () => Call(target!, grain));
        if (Random.Next(4) == 0) alive[Random.Next(alive.Count)].After(0, () => EndIdle(grain));
    }

    private void Call(SiloAddress target, int grain)
    {
        var silo = _silos.Find(candidate => candidate.Logic.Self.Equals(target))!;
        if (silo.Serve(grain)) Served++;
    }

    private void EndIdle(int grain)
    {
        foreach (var silo in _silos)
            if (silo.IsAlive && !silo.IsPaused) silo.End(grain);
    }

    private void Fault()
    {
        if (Time.NowMs >= FaultsUntilMs) return;
        Time.After(Random.Next(300, 6000), Fault);
        var alive = _silos.FindAll(silo => silo.IsAlive && !silo.IsLeaving);
        if (alive.Count == 0) return;
        var silo = alive[Random.Next(alive.Count)];
        switch (Random.Next(10))
        {
            case 0 or 1:
                Faults.Kills++;
                silo.Die("it is killed");
                break;
            case 2 or 3:
                Faults.Pauses++;
                silo.Pause(Random.Next(200, 14_000));
                break;
            case 4:
                Faults.Leaves++;
                silo.Leave();
                break;
            case 5:
                Cut(silo, requests: true, answers: true);
                break;
            case 6:
                Cut(silo, requests: false, answers: true);
                break;
            case 7:
                Story.Add(Time.NowMs, "the store is down");
                Faults.StoreIsDown = true;
                Time.After(Random.Next(200, 9000), () => Faults.StoreIsDown = false);
                break;
            case 8:
                Faults.Loss = Random.NextDouble() * 0.5;
                Time.After(Random.Next(1000, 8000), () => Faults.Loss = 0);
                break;
            default:
                Faults.SlowPercent = Random.Next(10, 100);
                Time.After(Random.Next(1000, 8000), () => Faults.SlowPercent = 0);
                break;
        }
    }

    private void Cut(SimulatedSilo silo, bool requests, bool answers)
    {
        Story.Add(Time.NowMs, $"{silo} loses {(requests ? "requests and answers" : "answers")}");
        (silo.LosesRequests, silo.LosesAnswers) = (requests, answers);
        Time.After(Random.Next(200, 9000), () => (silo.LosesRequests, silo.LosesAnswers) = (false, false));
    }

    private void Heal()
    {
        Story.Add(Time.NowMs, "no more faults");
        Faults.Heal();
        foreach (var silo in _silos)
        {
            silo.Resume();
            (silo.LosesRequests, silo.LosesAnswers) = (false, false);
        }
    }
}
