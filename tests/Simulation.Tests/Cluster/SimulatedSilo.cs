using System.Collections.Immutable;
using System.Net;
using Orleans.Embedded.Membership;

namespace Warroom.Simulation.Cluster;

/// <summary>
/// A silo: the engine's <see cref="MemberLogic"/> with a clock of its own, a catalog of grains that take time to begin and to end, and the calls of the
/// store that <c>MembershipService</c> and <c>GrainHandOver</c> make. What is due while it is paused happens when it goes on.
/// </summary>
internal sealed class SimulatedSilo
{
    public const long HeartbeatMs = 1000;
    public const long LeaseMs = 5000;
    public const long MarginMs = 100;
    private const long AttemptMs = LeaseMs * 2 / 5;
    private const long PatienceMs = 250;
    private const long RoundMs = 50;

    private readonly ClusterWorld _world;
    private readonly double _rate;
    private readonly long _offsetMs;
    private readonly Guid _incarnation;
    private readonly Dictionary<int, bool> _catalog = [];
    private long _pausedUntilMs;
    private long _handOverVersion;
    private long _handOverSinceMs;
    private bool _isReporting;
    private bool _isMoving;
    private bool _hadLease;
    private bool _isInRound;

    public SimulatedSilo(ClusterWorld world, int number, int place, double rate)
    {
        _world = world;
        Number = number;
        Place = place;
        _rate = rate;
        _offsetMs = world.Random.Next(1_000_000);
        _incarnation = new Guid(number, 1, 1, new byte[8]);
        Logic = new MemberLogic(SiloAddress.New(IPAddress.Loopback, 11_000 + number, number), _incarnation, new LeaseTimes(HeartbeatMs, LeaseMs, MarginMs));
    }

    public int Number { get; }

    /// <summary>Where it listens, from its start to its end.</summary>
    public int Place { get; }

    public MemberLogic Logic { get; }

    public bool IsAlive { get; private set; } = true;

    public bool IsLeaving { get; private set; }

    public bool LosesRequests { get; set; }

    public bool LosesAnswers { get; set; }

    public bool IsPaused => _pausedUntilMs > _world.Time.NowMs;

    /// <summary>Whether it owns grains by what it knows itself.</summary>
    public bool IsOwner => IsAlive && Logic.Row is { Status: SiloStatus.Active };

    /// <summary>The silo's monotonic clock.</summary>
    public long NowMs => _offsetMs + (long)(_world.Time.NowMs * _rate);

    public IEnumerable<int> Active => _catalog.Keys;

    public void After(long delayMs, Action action) => _world.Time.After(delayMs, () => Run(action));

    public bool Has(int grain) => _catalog.ContainsKey(grain);

    public bool HoldsLease => IsAlive
        && (_world.Mutation == Mutation.NoLease ? Logic.OutBecause is null && Logic.Row is not null : Logic.HoldsLease(NowMs));

    public bool MayActivate(int grain) => HoldsLease
        && (_world.Mutation == Mutation.NoHandOverWait ? Logic.Ownership.Owns(_world.Hash(grain)) : Logic.Ownership.MayActivate(_world.Hash(grain)));

    public void Start()
    {
        var sentMs = NowMs;
        Call(
            table => MembershipRules.Join(table, new JoiningMember(Logic.Self, _incarnation, $"{Number}", 0, $"{Place}"), "service", default),
            table =>
            {
                if (_world.Mutation == Mutation.LeaseByJoining) OnRenewed(sentMs, table);
                else Learn(table);
                Beat();
                MoveTo(SiloStatus.Active);
            },
            () => After(100, Start));
    }

    public void Pause(long ms)
    {
        Tell($"is paused for {ms} ms");
        _pausedUntilMs = Math.Max(_pausedUntilMs, _world.Time.NowMs + ms);
    }

    public void Resume() => _pausedUntilMs = 0;

    /// <summary>Is gone at once.</summary>
    public void Die(string why)
    {
        if (!IsAlive) return;
        Tell($"ends: {why}");
        IsAlive = false;
        _catalog.Clear();
        _world.OnEnded();
    }

    /// <summary>Leaves in order.</summary>
    public void Leave()
    {
        Tell("leaves");
        IsLeaving = true;
        MoveTo(SiloStatus.ShuttingDown);
    }

    /// <summary>A call for a grain. True if it was served.</summary>
    public bool Serve(int grain)
    {
        if (!HoldsLease) return false;
        if (_catalog.TryGetValue(grain, out var isEnding)) return !isEnding;
        if (!MayActivate(grain)) return false;
        Tell($"activates {grain}");
        _catalog[grain] = false;
        _world.Check(grain);
        return true;
    }

    /// <summary>Deactivates a grain, which takes its time.</summary>
    public void End(int grain)
    {
        if (!_catalog.TryGetValue(grain, out var isEnding) || isEnding) return;
        _catalog[grain] = true;
        After(_world.Random.Next(20) == 0 ? _world.Random.Next(500, 3000) : _world.Random.Next(1, 120), () =>
        {
            Tell($"has ended {grain}");
            _catalog.Remove(grain);
            HandOver();
        });
    }

    public void Read() => Call(table => table, Learn, () => { });

    public override string ToString() => $"silo {Number}";

    private void Run(Action action)
    {
        if (!IsAlive) return;
        if (IsPaused) _world.Time.After(_pausedUntilMs - _world.Time.NowMs, () => Run(action));
        else action();
    }

    private void Beat()
    {
        var sentMs = NowMs;
        Call(
            table => MembershipRules.Beat(table, _incarnation),
            table =>
            {
                OnRenewed(_world.Mutation == Mutation.LeaseFromAnswer ? NowMs : sentMs, table);
                DeclareDead();
                Report();
                After(HeartbeatMs - (NowMs - sentMs), Beat);
            },
            () =>
            {
                NoteLapse();
                After(_world.Random.Next(50, 1000), Beat);
            });
    }

    private void DeclareDead()
    {
        foreach (var suspect in Logic.Suspects($"{Place}"))
        {
            Tell($"declares {suspect.Row.Name} dead, whose renewal {suspect.Heartbeat} is the last{(suspect.IsReplaced ? ", because it is in its place" : "")}");
            _world.Faults.Deaths++;
            if (suspect.IsReplaced) _world.Faults.Replaced++;
            Call(
                table => MembershipRules.DeclareDead(
                    table, suspect.Row.Incarnation,
                    _world.Mutation == Mutation.UnconditionalDeath ? table.Find(suspect.Row.Incarnation)?.Heartbeat ?? 0 : suspect.Heartbeat),
                Learn,
                () => { });
        }
    }

    private void Report()
    {
        if (!Logic.ReportIsDue || _isReporting) return;
        _isReporting = true;
        var (version, held) = (Logic.HandedOver, Logic.Held);
        Call(
            table => MembershipRules.ReportHandedOver(table, _incarnation, version, held),
            table =>
            {
                _isReporting = false;
                Learn(table);
                Report();
            },
            () => _isReporting = false);
    }

    private void MoveTo(SiloStatus status)
    {
        if (_isMoving && status != SiloStatus.Dead) return;
        _isMoving = true;
        Call(
            table => MembershipRules.SetStatus(table, _incarnation, status),
            table =>
            {
                _isMoving = false;
                Learn(table);
                if (status == SiloStatus.ShuttingDown) After(0, FinishLeaving);
                else if (IsLeaving) MoveTo(SiloStatus.ShuttingDown);
            },
            () =>
            {
                _isMoving = false;
                After(100, () => MoveTo(IsLeaving ? SiloStatus.ShuttingDown : status));
            });
    }

    private void FinishLeaving()
    {
        HandOver();
        if (_catalog.Count > 0 || Logic.HandOverIsDue)
        {
            After(RoundMs, FinishLeaving);
            return;
        }

        // What is sent last has its effect, or has none: nobody is there to hear of it.
        _world.Store.Send(this, table => MembershipRules.SetStatus(table, _incarnation, SiloStatus.Dead), _ => { }, () => { });
        Die("it has left");
    }

    private void OnRenewed(long sentMs, MembershipTable table)
    {
        var version = Logic.Table.Version;
        if (Logic.OnRenewed(sentMs, NowMs, table)) OnLearnt(version);
        NoteLapse();
        _world.CheckAll();
    }

    private void Learn(MembershipTable table)
    {
        var version = Logic.Table.Version;
        if (!Logic.Learn(table)) return;
        OnLearnt(version);
        _world.CheckAll();
    }

    private void OnLearnt(long before)
    {
        if (Logic.Table.Version < before) throw new SimulationFailedException($"{this} went from view {before} back to view {Logic.Table.Version}.");
        if (Logic.Table.Version > before) Tell($"knows view {Logic.Table.Version}");
        if (Logic.OutBecause is { } reason) Die(reason);
        else After(_world.Random.Next(4), HandOver);
    }

    /// <summary>As <c>GrainHandOver</c> does, in rounds.</summary>
    private void HandOver()
    {
        if (!Logic.HandOverIsDue) return;
        var ownership = Logic.Ownership;
        if (ownership.Version != _handOverVersion)
        {
            _handOverVersion = ownership.Version;
            _handOverSinceMs = NowMs;
        }

        var others = _catalog.Keys.Where(grain => !ownership.Owns(_world.Hash(grain))).Order().ToList();
        foreach (var grain in others) End(grain);
        if (_world.Mutation == Mutation.EarlyReport) others = [];
        if (others.Count == 0) HandedOver(ownership.Version, []);
        else if (NowMs - _handOverSinceMs >= PatienceMs) HandedOver(ownership.Version, [.. others.Select(grain => (long)_world.Hash(grain))]);
        if (!Logic.HandOverIsDue || _isInRound) return;
        _isInRound = true;
        After(RoundMs, () =>
        {
            _isInRound = false;
            HandOver();
        });
    }

    private void HandedOver(long version, ImmutableArray<long> held)
    {
        Logic.OnHandedOver(version, held);
        Report();
    }

    /// <summary>Calls the store, and gives up after a while.</summary>
    private void Call(Func<MembershipTable, MembershipTable> operation, Action<MembershipTable> onAnswer, Action onFailure)
    {
        var isDone = false;
        _world.Store.Send(
            this, operation,
            table => Once(() => onAnswer(table)),
            () => Once(onFailure));
        After(AttemptMs, () => Once(onFailure));

        void Once(Action action)
        {
            if (isDone) return;
            isDone = true;
            action();
        }
    }

    private void NoteLapse()
    {
        var holds = HoldsLease;
        if (_hadLease && !holds)
        {
            _world.Faults.Lapses++;
            Tell("has lost its lease");
        }

        _hadLease = holds;
    }

    private void Tell(string what)
    {
        if (_world.Story.IsTold) _world.Story.Add(_world.Time.NowMs, $"silo {Number} {what}");
    }
}
