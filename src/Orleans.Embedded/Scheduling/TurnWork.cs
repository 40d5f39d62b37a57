using Orleans.Embedded.CodeGeneration;

namespace Orleans.Embedded.Scheduling;

/// <summary>Something that runs as a turn and is no call.</summary>
internal abstract class TurnWork
{
    public abstract void Run();
}

/// <summary>A method as a turn.</summary>
internal sealed class ActionWork(Action action) : TurnWork
{
    public override void Run() => action();
}

/// <summary>Cancels the token of a running call as a turn, so that what the grain registered on it runs as its turn too.</summary>
internal sealed class CancelWork(GrainRequest request) : TurnWork
{
    public override void Run() => request.CancelCallee();
}
