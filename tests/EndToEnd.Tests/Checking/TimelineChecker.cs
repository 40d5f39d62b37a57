using System.Security.Cryptography;
using System.Text;

namespace Warroom.EndToEnd.Checking;

/// <summary>An event of a timeline as the log holds it in the end.</summary>
/// <param name="Seq">Its number.</param>
/// <param name="OperationId">The operation that wrote it; several events may share one (a PATCH of two fields).</param>
/// <param name="Hash">64 hex digits.</param>
/// <param name="Body">Its JSON, to the letter.</param>
public sealed record LogEntry(long Seq, Guid OperationId, string Hash, string Body);

/// <summary>How a client saw its operation end.</summary>
public enum OperationOutcome
{
    /// <summary>Acknowledged at a number.</summary>
    Ok,

    /// <summary>Refused: it must not be in the log.</summary>
    Failed,

    /// <summary>No answer, or one that says that the outcome is unknown: it may be in the log or not.</summary>
    Unknown,
}

/// <summary>What one client knows of one operation. Times are of one monotonic clock.</summary>
/// <param name="OperationId">The id that went with every attempt.</param>
/// <param name="InvokedAt">Before the first attempt was sent.</param>
/// <param name="ReturnedAt">After the last attempt's answer.</param>
/// <param name="Outcome">What the answer said.</param>
/// <param name="Seq">With <see cref="OperationOutcome.Ok"/>: the number it was acknowledged at.</param>
public sealed record Operation(Guid OperationId, long InvokedAt, long ReturnedAt, OperationOutcome Outcome, long Seq);

/// <summary>
/// Decides from what clients were told and from the final log whether the contract held: acknowledged means durable, once, at a fixed number;
/// numbers run from 1 without a gap; the order agrees with real time; the hash chain is whole. Each violation is a sentence that begins with its verdict.
/// Because numbers are gap-free this is exact and needs no search.
/// </summary>
public static class TimelineChecker
{
    /// <summary>Returns what was violated; empty when the contract held.</summary>
    /// <param name="ownerId">The incident or session, part of every hash.</param>
    /// <param name="log">The log as it is in the end, in the order in which it was read.</param>
    /// <param name="operations">Every operation that was ever begun, by whichever client.</param>
    /// <param name="others">Operations that wrote to the log and are no client's, such as the opening of the incident by the test itself.</param>
    public static IReadOnlyList<string> Check(
        Guid ownerId, IReadOnlyList<LogEntry> log, IReadOnlyCollection<Operation> operations, IReadOnlySet<Guid> others) =>
        [
            .. Gaps(log),
            .. Forks(ownerId, log),
            .. Outcomes(log, operations),
            .. Phantoms(log, operations, others),
            .. Reorderings(operations),
        ];

    private static IEnumerable<string> Gaps(IReadOnlyList<LogEntry> log) =>
        log.Select((entry, index) => (entry, expected: index + 1L))
            .Where(pair => pair.entry.Seq != pair.expected)
            .Take(3)
            .Select(pair => $"gap: place {pair.expected} of the log holds number {pair.entry.Seq}");

    private static IEnumerable<string> Forks(Guid ownerId, IReadOnlyList<LogEntry> log)
    {
        var previous = new string('0', 64);
        foreach (var entry in log)
        {
            var expected = Hash(previous, ownerId, entry);
            if (!string.Equals(expected, entry.Hash, StringComparison.Ordinal))
            {
                yield return $"forked: the hash of number {entry.Seq} is {entry.Hash}, and its predecessor and body make {expected}";
                yield break;
            }

            previous = entry.Hash;
        }
    }

    private static IEnumerable<string> Outcomes(IReadOnlyList<LogEntry> log, IReadOnlyCollection<Operation> operations)
    {
        var places = log.ToLookup(entry => entry.OperationId, entry => entry.Seq);
        foreach (var operation in operations)
        {
            var found = places[operation.OperationId].ToList();
            if (found.Count > 1)
            {
                yield return $"duplicated: operation {operation.OperationId} stands at {string.Join(", ", found)}";
            }

            switch (operation.Outcome)
            {
                case OperationOutcome.Ok when found.Count == 0:
                    yield return $"lost: operation {operation.OperationId} was acknowledged at {operation.Seq} and is not in the log";
                    break;
                case OperationOutcome.Ok when !found.Contains(operation.Seq):
                    yield return $"moved: operation {operation.OperationId} was acknowledged at {operation.Seq} and stands at {found[0]}";
                    break;
                case OperationOutcome.Failed when found.Count > 0:
                    yield return $"phantom: operation {operation.OperationId} was refused and stands at {found[0]}";
                    break;
            }
        }
    }

    private static IEnumerable<string> Phantoms(
        IReadOnlyList<LogEntry> log, IReadOnlyCollection<Operation> operations, IReadOnlySet<Guid> others)
    {
        var begun = operations.Select(operation => operation.OperationId).ToHashSet();
        return log.Where(entry => !begun.Contains(entry.OperationId) && !others.Contains(entry.OperationId))
            .Take(3)
            .Select(entry => $"phantom: number {entry.Seq} belongs to operation {entry.OperationId}, which nobody began");
    }

    // Whatever was acknowledged before another operation began must stand before it. Sweeping by time with the highest number acknowledged so far finds
    // every violation against that maximum in O(n log n).
    private static IEnumerable<string> Reorderings(IReadOnlyCollection<Operation> operations)
    {
        var acknowledged = operations.Where(operation => operation.Outcome == OperationOutcome.Ok).ToList();
        var byReturn = acknowledged.OrderBy(operation => operation.ReturnedAt).ToList();
        var returned = 0;
        Operation? highest = null;
        foreach (var operation in acknowledged.OrderBy(operation => operation.InvokedAt))
        {
            while (returned < byReturn.Count && byReturn[returned].ReturnedAt < operation.InvokedAt)
            {
                highest = highest is null || byReturn[returned].Seq > highest.Seq ? byReturn[returned] : highest;
                returned++;
            }

            if (highest is not null && highest.Seq > operation.Seq)
            {
                yield return $"reordered: operation {highest.OperationId} was acknowledged at {highest.Seq} before {operation.OperationId} began, which stands at {operation.Seq}";
            }
        }
    }

    private static string Hash(string previous, Guid ownerId, LogEntry entry) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{previous}\n{ownerId:D}\n{entry.Seq}\n{entry.Body}")));

    /// <summary>Gives entries the hashes they should have: for tests of this checker.</summary>
    internal static IReadOnlyList<LogEntry> Chain(Guid ownerId, IEnumerable<LogEntry> entries)
    {
        var previous = new string('0', 64);
        var chained = new List<LogEntry>();
        foreach (var entry in entries)
        {
            previous = Hash(previous, ownerId, entry);
            chained.Add(entry with { Hash = previous });
        }

        return chained;
    }
}
