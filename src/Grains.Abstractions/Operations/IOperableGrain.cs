using System.Collections.Frozen;
using Orleans.Concurrency;

namespace Warroom.Operations;

/// <summary>What an operator can ask of every grain of Warroom, whatever else it is. Reached by the grain's id: <c>GetGrain&lt;IOperableGrain&gt;(GrainId)</c>.</summary>
[Alias("warroom.operable")]
public interface IOperableGrain : IGrain
{
    /// <summary>
    /// Lets the activation end once the calls that it has are done; the next call brings the grain back as it is stored. Nothing is lost and no call fails. May be repeated. A grain that is not in memory is
    /// brought in first: ask the management grain before.
    /// </summary>
    [Alias("leave-memory"), AlwaysInterleave]
    Task LeaveMemoryAsync();
}

/// <summary>The grain types that implement <see cref="IOperableGrain"/>.</summary>
public static class OperableGrains
{
    /// <summary>As they stand before the slash of a grain's id, such as <c>incident/0198c2f0…</c>.</summary>
    public static FrozenSet<string> Types { get; } = FrozenSet.ToFrozenSet(["alertrouter", "bot", "botdirectory", "botsession", "incident", "modelgateway", "service"], StringComparer.Ordinal);
}
