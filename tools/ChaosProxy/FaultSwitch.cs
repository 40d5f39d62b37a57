using System.Text;
using System.Text.RegularExpressions;

namespace Warroom.Chaos;

/// <summary>Randomness from a seed; safe for use from many threads.</summary>
public sealed class Chance(int seed)
{
    private readonly Random _random = new(seed);
    private readonly Lock _gate = new();

    /// <summary>Whether something of this probability happens.</summary>
    public bool Happens(double probability)
    {
        lock (_gate)
        {
            return probability > 0 && _random.NextDouble() < probability;
        }
    }

    /// <summary>A number between minus and plus this.</summary>
    public int Around(int spread)
    {
        lock (_gate)
        {
            return spread == 0 ? 0 : _random.Next(-spread, spread + 1);
        }
    }

    /// <summary>So many bytes that mean nothing.</summary>
    public byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        lock (_gate)
        {
            _random.NextBytes(bytes);
        }

        return bytes;
    }
}

/// <summary>The plan that is in force, and what follows from it; safe for use from many threads.</summary>
internal sealed class FaultSwitch(Chance chance)
{
    private static readonly TimeSpan MatchTime = TimeSpan.FromMilliseconds(100);
    private readonly Lock _gate = new();
    private Compiled _compiled = new(new(), null, null);
    private int _heldLeft;
    private TaskCompletionSource _changed = NewSignal();

    public FaultPlan Plan => Volatile.Read(ref _compiled).Plan;

    /// <summary>Completes when another plan comes.</summary>
    public Task Changed
    {
        get
        {
            lock (_gate)
            {
                return _changed.Task;
            }
        }
    }

    /// <summary>Puts a plan in force. Throws <see cref="ArgumentException"/> for a pattern that is none.</summary>
    public void Set(FaultPlan plan)
    {
        var compiled = new Compiled(plan, Pattern(plan.HoldReply?.Request), Pattern(plan.HoldReply?.Reply));
        TaskCompletionSource changed;
        lock (_gate)
        {
            _heldLeft = plan.HoldReply?.Times ?? 0;
            Volatile.Write(ref _compiled, compiled);
            (changed, _changed) = (_changed, NewSignal());
        }

        changed.SetResult();
    }

    /// <summary>Whether this request is to be broken; each yes is counted.</summary>
    public HoldReply? ToHold(ReadOnlySpan<byte> request)
    {
        if (Volatile.Read(ref _compiled) is not { Plan.HoldReply: { } hold, Request: { } pattern } || !IsMatch(pattern, request) || !chance.Happens(hold.Probability))
            return null;
        lock (_gate)
        {
            return _heldLeft-- > 0 ? hold : null;
        }
    }

    /// <summary>Whether these are the last bytes of the answer to a broken request.</summary>
    public bool IsReply(ReadOnlySpan<byte> reply) => Volatile.Read(ref _compiled).Reply is not { } pattern || IsMatch(pattern, reply);

    private static bool IsMatch(Regex pattern, ReadOnlySpan<byte> bytes) => pattern.IsMatch(Encoding.Latin1.GetString(bytes));

    private static Regex? Pattern(string? text) => string.IsNullOrEmpty(text) ? null : new(text, RegexOptions.Singleline | RegexOptions.CultureInvariant, MatchTime);

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed record Compiled(FaultPlan Plan, Regex? Request, Regex? Reply);
}
