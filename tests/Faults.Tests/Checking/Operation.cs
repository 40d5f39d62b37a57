using Warroom.Faults.History;

namespace Warroom.Faults.Checking;

/// <summary>An operation with all its attempts, and where the log has it.</summary>
internal sealed class Operation(Invoked first)
{
    private bool _mayHaveBegun = true;

    public Guid Id { get; } = first.OpId;

    public OperationKind Kind { get; } = first.Kind;

    public Guid? Incident { get; } = first.Incident;

    public long? Expected { get; } = first.Expected;

    public string? Payload { get; } = first.Payload;

    /// <summary>Before the first attempt was sent that may have done something: one that was answered with <see cref="Outcome.Fail"/> did nothing, so the operation begins after it.</summary>
    public long InvokedAt { get; private set; } = first.T;

    /// <summary>When the first acknowledgement came; never, if none came.</summary>
    public long ReturnedAt { get; private set; } = long.MaxValue;

    public List<Returned> Oks { get; } = [];

    public int Attempts { get; private set; } = 1;

    public int Infos { get; private set; }

    public int Answers { get; private set; }

    /// <summary>The answer that said that it never will be done.</summary>
    public Returned? Refusal { get; private set; }

    /// <summary>Its places in the log.</summary>
    public List<FinalEvent> Places { get; } = [];

    /// <summary>What its client may say of it: acknowledged if any attempt was; not done if every attempt failed, or one was refused for good; otherwise unknown.</summary>
    public Outcome Outcome => Oks.Count > 0 ? Outcome.Ok : Refusal is null && (Infos > 0 || Answers < Attempts) ? Outcome.Info : Outcome.Fail;

    public bool IsWrite => Kind != OperationKind.Read;

    /// <summary>It is sent again.</summary>
    public void Add(Invoked again)
    {
        Attempts++;
        if (!_mayHaveBegun)
            InvokedAt = again.T;
        _mayHaveBegun = true;
    }

    /// <summary>The answer to the last attempt: attempts of one operation come one after the other.</summary>
    public void Add(Returned returned)
    {
        Answers++;
        switch (returned.Type)
        {
            case Outcome.Fail when Infos == 0 && Oks.Count == 0 && Answers == Attempts:
                _mayHaveBegun = false;
                break;
            case Outcome.Refused:
                Refusal ??= returned;
                break;
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
