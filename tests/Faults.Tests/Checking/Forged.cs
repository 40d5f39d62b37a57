using Warroom.Faults.History;

namespace Warroom.Faults.Checking;

/// <summary>Histories made by hand, for tests of the checker: one incident, times that are plain numbers, hashes that fit unless a test spoils them.</summary>
internal sealed class Forged
{
    private readonly List<HistoryRecord> _history = [];
    private readonly List<FinalEvent> _events = [];
    private readonly List<OwnerWrite> _owners = [];
    private readonly List<FinalRun> _runs = [];
    private string _hash = Hashes.Genesis;

    public Guid Incident { get; } = Hashes.ToId("incident");

    public static Guid Op(string name) => Hashes.ToId(name);

    public Forged Invoke(string name, long at, OperationKind kind = OperationKind.Append, long? expected = null) =>
        Add(new Invoked(Op(name), "p", kind, Incident, expected, kind == OperationKind.Append ? Hashes.Of(name) : null) { T = at });

    public Forged Return(string name, long at, Outcome type, long? seq = null, long? version = null) => Add(new Returned(Op(name), type, seq, version) { T = at });

    /// <summary>An append that was acknowledged, and where the log has it.</summary>
    public Forged Appended(string name, long begin, long end, long seq) => Invoke(name, begin).Return(name, end, Outcome.Ok, seq);

    public Forged Read(string name, long begin, long end, long version) => Invoke(name, begin, OperationKind.Read).Return(name, end, Outcome.Ok, version: version);

    public Forged Stored(string name, long? seq = null, long epoch = 1, string? text = null)
    {
        var number = seq ?? _events.Count + 1;
        var body = $"{{\"text\":\"{name}\"}}";
        _hash = Hashes.Next(_hash, Incident, number, body);
        _events.Add(new(Incident, number, Op(name), "posted", epoch, _hash, body, Hashes.Of(text ?? name)));
        return this;
    }

    /// <summary>Spoils what is stored.</summary>
    public Forged Spoil(int index, Func<FinalEvent, FinalEvent> change)
    {
        _events[index] = change(_events[index]);
        return this;
    }

    public Forged Owned(long version, long epoch, string writer)
    {
        _owners.Add(new(Incident, version, epoch, Op(writer)));
        return this;
    }

    public Forged Run(string name, string text, RunEnd? end)
    {
        _runs.Add(new(Op(name), text, end));
        return this;
    }

    public Forged Watch(string viewer, long at, Watching change, long from = 0) => Add(new Watched(viewer, Incident, change, from) { T = at });

    /// <summary>A viewer is given what is stored at a number.</summary>
    public Forged Receive(string viewer, long at, long seq, bool applied = true, string? hash = null)
    {
        var stored = _events.Find(logged => logged.Seq == seq);
        return Add(new Received(viewer, Incident, seq, hash ?? stored?.Hash ?? "", Hashes.Of(stored?.Body ?? ""), applied, Via.Live) { T = at });
    }

    public Forged Add(HistoryRecord record)
    {
        _history.Add(record);
        return this;
    }

    public IReadOnlyList<HistoryRecord> History => _history;

    public CheckReport Check() => HistoryChecker.Check(_history, new() { Events = _events, Owners = _owners, Runs = _runs });

    /// <summary>The verdicts found, each once.</summary>
    public IEnumerable<Verdict> Verdicts() => Check().Violations.Select(violation => violation.Verdict).Distinct();
}
