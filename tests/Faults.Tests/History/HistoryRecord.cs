using System.Text.Json.Serialization;

namespace Warroom.Faults.History;

/// <summary>What a client asks for.</summary>
public enum OperationKind
{
    /// <summary>Opens an incident.</summary>
    Open,

    /// <summary>Writes into a timeline.</summary>
    Append,

    /// <summary>Changes a field, whatever the version.</summary>
    Change,

    /// <summary>Changes a field if the incident stands at a version.</summary>
    ChangeIf,

    /// <summary>Reads the incident's version.</summary>
    Read,

    /// <summary>Sends an alert; which incident takes it is the server's choice.</summary>
    Alert,
}

/// <summary>What an attempt's answer says.</summary>
public enum Outcome
{
    /// <summary>Done.</summary>
    Ok,

    /// <summary>An answer that is documented to mean that this attempt did nothing.</summary>
    Fail,

    /// <summary>No answer, or one that says that the outcome is unknown.</summary>
    Info,

    /// <summary>An answer that is documented to mean that the operation is not done and never will be, however often it is sent.</summary>
    Refused,
}

/// <summary>How an event reached a viewer.</summary>
public enum Via
{
    /// <summary>Pushed.</summary>
    Live,

    /// <summary>In the answer to a join that named the last number.</summary>
    Resume,
}

/// <summary>What happened to a viewer's wish to see an incident.</summary>
public enum Watching
{
    /// <summary>It wants everything after <see cref="Watched.FromSeq"/>, from now until it leaves.</summary>
    Join,

    /// <summary>Its connection is over, without its doing or by it; it still wants everything.</summary>
    Cut,

    /// <summary>It asked again for what it lacks.</summary>
    Resume,

    /// <summary>It no longer wants anything.</summary>
    Leave,
}

/// <summary>The life of a fault.</summary>
public enum FaultPhase
{
    /// <summary>It is injected.</summary>
    Start,

    /// <summary>It is healed.</summary>
    Stop,

    /// <summary>The nemesis saw for itself that it did something.</summary>
    Effect,
}

/// <summary>How the reply of a bot ended.</summary>
public enum RunEnd
{
    /// <summary>All of it is there.</summary>
    Done,

    /// <summary>It was cut, and says so.</summary>
    Interrupted,

    /// <summary>A person stopped it.</summary>
    Cancelled,
}

/// <summary>
/// One line of a history. Times are nanoseconds of the machine's monotonic clock, which all processes share, so their order is real.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "k")]
[JsonDerivedType(typeof(Invoked), "inv")]
[JsonDerivedType(typeof(Returned), "ret")]
[JsonDerivedType(typeof(Received), "rcv")]
[JsonDerivedType(typeof(Watched), "conn")]
[JsonDerivedType(typeof(Token), "tok")]
[JsonDerivedType(typeof(RunEnded), "end")]
[JsonDerivedType(typeof(Nemesis), "nem")]
public abstract record HistoryRecord
{
    /// <summary>When.</summary>
    public long T { get; init; }
}

/// <summary>An attempt is about to be sent.</summary>
/// <param name="OpId">The operation; the same for every attempt.</param>
/// <param name="Process">The client.</param>
/// <param name="Kind">What it asks for.</param>
/// <param name="Incident">Which incident; unknown for alerts.</param>
/// <param name="Expected">With <see cref="OperationKind.ChangeIf"/>: the version.</param>
/// <param name="Payload">Of what it sends: the text itself is not needed to compare.</param>
/// <param name="FrontEnd">To whom.</param>
public sealed record Invoked(Guid OpId, string Process, OperationKind Kind, Guid? Incident, long? Expected = null, string? Payload = null, string? FrontEnd = null) : HistoryRecord;

/// <summary>An attempt's answer.</summary>
/// <param name="OpId">The operation.</param>
/// <param name="Type">What the answer says.</param>
/// <param name="Seq">The number that it was acknowledged at, where the answer has it.</param>
/// <param name="Version">The version of the incident in the answer.</param>
/// <param name="Code">For people: the status or the error.</param>
public sealed record Returned(Guid OpId, Outcome Type, long? Seq = null, long? Version = null, string? Code = null) : HistoryRecord;

/// <summary>A viewer was given an event.</summary>
/// <param name="Viewer">Who.</param>
/// <param name="Incident">Of which incident.</param>
/// <param name="Seq">Its number.</param>
/// <param name="Hash">Its place in the hash chain.</param>
/// <param name="Payload">The hash of its body.</param>
/// <param name="Applied">Whether the viewer showed it: it had not shown it yet, and everything before it was there.</param>
/// <param name="Via">How it came.</param>
public sealed record Received(string Viewer, Guid Incident, long Seq, string Hash, string Payload, bool Applied, Via Via) : HistoryRecord;

/// <summary>A viewer joins, loses, resumes or leaves an incident.</summary>
public sealed record Watched(string Viewer, Guid Incident, Watching Change, long FromSeq = 0, string? FrontEnd = null) : HistoryRecord;

/// <summary>A viewer was given a piece of a bot's reply.</summary>
/// <param name="Viewer">Who.</param>
/// <param name="Run">The reply.</param>
/// <param name="Offset">How many characters come before it; 0 with all so far when the viewer joined half-way.</param>
/// <param name="Text">The piece.</param>
public sealed record Token(string Viewer, Guid Run, long Offset, string Text) : HistoryRecord;

/// <summary>A viewer was told how a reply ended.</summary>
public sealed record RunEnded(string Viewer, Guid Run, RunEnd End) : HistoryRecord;

/// <summary>A fault begins, ends or shows an effect.</summary>
/// <param name="Fault">Which.</param>
/// <param name="Phase">What of it.</param>
/// <param name="Count">With <see cref="FaultPhase.Effect"/>: how much.</param>
public sealed record Nemesis(string Fault, FaultPhase Phase, long Count = 1) : HistoryRecord;
