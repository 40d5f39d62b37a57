using Warroom.Faults.History;

namespace Warroom.Faults.Checking;

/// <summary>An operation with all its attempts, and where the log has it.</summary>
internal sealed class Operation(Invoked first)
{
    public Guid Id { get; } = first.OpId;

    public OperationKind Kind { get; } = first.Kind;

    public Guid? Incident { get; } = first.Incident;

    public long? Expected { get; } = first.Expected;

    public string? Payload { get; } = first.Payload;

    /// <summary>Before the first attempt was sent.</summary>
    public long InvokedAt { get; } = first.T;

    /// <summary>When the first acknowledgement came; never, if none came.</summary>
    public long ReturnedAt { get; private set; } = long.MaxValue;

    public List<Returned> Oks { get; } = [];

    public int Attempts { get; set; } = 1;

    public int Infos { get; private set; }

    public int Answers { get; private set; }

    /// <summary>Its places in the log.</summary>
    public List<FinalEvent> Places { get; } = [];

    /// <summary>What its client may say of it: acknowledged if any attempt was; refused only if every attempt was; otherwise unknown.</summary>
    public Outcome Outcome => Oks.Count > 0 ? Outcome.Ok : Infos > 0 || Answers < Attempts ? Outcome.Info : Outcome.Fail;

    public bool IsWrite => Kind != OperationKind.Read;

    public void Add(Returned returned)
    {
        Answers++;
        switch (returned.Type)
        {
            case Outcome.Ok:
                Oks.Add(returned);
                ReturnedAt = Math.Min(ReturnedAt, returned.T);
                break;
            case Outcome.Info:
                Infos++;
                break;
        }
    }
}
