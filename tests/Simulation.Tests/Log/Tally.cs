using System.Collections.Immutable;
using Warroom.Persistence;

namespace Warroom.Simulation.Log;

/// <summary>A state that is what its log says.</summary>
internal sealed record Tally(ImmutableArray<string> Bodies)
{
    public static Func<Tally?, LogDecision<Tally>> Add(string body) => state => LogDecision.Append([body], new Tally(state?.Bodies.Add(body) ?? [body]));
}
