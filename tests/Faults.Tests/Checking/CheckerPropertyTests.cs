using Warroom.Faults.History;

using Xunit;

namespace Warroom.Faults.Checking;

/// <summary>The checker says what a search through all orders says, on many small histories, good and bad.</summary>
public sealed class CheckerPropertyTests(ITestOutputHelper output)
{
    [Fact]
    public void Check_SmallHistories_AgreesWithASearchThroughAllOrders()
    {
        const int Seeds = 30_000;
        var good = 0;
        for (var seed = 0; seed < Seeds; seed++)
        {
            var (forged, log) = Make(new Random(seed));
            var report = forged.Check();
            var possible = BruteForce.IsPossible(forged.History, log);
            if (possible != (report.Violations.Count == 0))
            {
                Assert.Fail($"Seed {seed}: the search says {(possible ? "possible" : "impossible")}, the checker: {report.Describe(forged.History)}{Environment.NewLine}"
                    + string.Join(Environment.NewLine, forged.History) + Environment.NewLine + string.Join(", ", log));
            }

            good += possible ? 1 : 0;
        }

        output.WriteLine($"{Seeds} histories, {good} of them possible");
        Assert.InRange(good, Seeds / 5, Seeds * 4 / 5);
    }

    // Lets operations take effect one after another at random moments, and then, half of the time, spoils one thing.
    private static (Forged Forged, IReadOnlyList<(long Seq, Guid OpId)> Log) Make(Random random)
    {
        var names = Enumerable.Range(0, random.Next(1, 7)).Select(number => $"op{number}").ToList();
        var moments = names.Select(_ => random.Next(100, 900)).Order().ToList();
        var log = new List<string>();
        var calls = new List<Call>();
        foreach (var (name, at) in names.Zip(moments))
        {
            var kind = random.Next(4) switch { 0 => OperationKind.Read, 1 => OperationKind.ChangeIf, _ => OperationKind.Append };
            var outcome = random.Next(12) switch { 0 or 1 => Outcome.Info, 2 => Outcome.Fail, 3 => Outcome.Refused, _ => Outcome.Ok };
            Outcome? earlier = random.Next(8) switch { 0 => Outcome.Fail, 1 => Outcome.Info, _ => null };
            var call = new Call(name, kind, outcome, at - random.Next(1, 300), at + random.Next(1, 300), earlier);
            if (kind == OperationKind.Read)
            {
                calls.Add(call with { Version = log.Count });
                continue;
            }

            call = call with { Expected = kind == OperationKind.ChangeIf ? log.Count : null };
            if (outcome == Outcome.Ok || (outcome == Outcome.Info && random.Next(2) == 0))
                log.Add(name);
            calls.Add(outcome != Outcome.Ok ? call : kind == OperationKind.Append ? call with { Seq = log.Count } : call with { Version = log.Count });
        }

        var stored = log.Select((name, index) => (Seq: index + 1L, Name: name)).ToList();
        if (random.Next(2) == 0)
            Spoil(random, calls, stored);

        var forged = new Forged();
        foreach (var call in calls)
        {
            // Sometimes an attempt before it failed, or, without an answer, may have been the one that did it.
            if (call.Earlier is { } earlier)
            {
                forged.Invoke(call.Name, call.Begin - 20, call.Kind, call.Expected);
                forged.Return(call.Name, call.Begin - 10, earlier);
            }

            forged.Invoke(call.Name, call.Begin, call.Kind, call.Expected);
            if (call.Outcome != Outcome.Info || random.Next(2) == 0)
                forged.Return(call.Name, call.End, call.Outcome, call.Seq, call.Outcome == Outcome.Ok ? call.Version : null);
        }

        foreach (var (seq, name) in stored)
            forged.Stored(name, seq);
        return (forged, [.. stored.Select(entry => (entry.Seq, Forged.Op(entry.Name)))]);
    }

    private static void Spoil(Random random, List<Call> calls, List<(long Seq, string Name)> stored)
    {
        var one = random.Next(calls.Count);
        switch (random.Next(7))
        {
            case 0 when stored.Count > 0:
                stored.RemoveAt(random.Next(stored.Count));
                break;
            case 1 when stored.Count > 0:
                stored.Add((stored.Count + 1, stored[random.Next(stored.Count)].Name));
                break;
            case 2 when stored.Count > 1:
                var i = random.Next(stored.Count - 1);
                (stored[i], stored[i + 1]) = ((stored[i].Seq, stored[i + 1].Name), (stored[i + 1].Seq, stored[i].Name));
                break;
            case 3:
                calls[one] = calls[one] with { Version = calls[one].Version + random.Next(-2, 3) };
                break;
            case 4:
                calls[one] = calls[one] with { Expected = calls[one].Expected + random.Next(-1, 2), Seq = calls[one].Seq + random.Next(-1, 2) };
                break;
            case 5:
                calls[one] = calls[one] with { Outcome = (Outcome)random.Next(4) };
                break;
            default:
                var begin = random.Next(1, 1_000);
                calls[one] = calls[one] with { Begin = begin, End = begin + random.Next(1, 300) };
                break;
        }
    }

    private sealed record Call(string Name, OperationKind Kind, Outcome Outcome, long Begin, long End, Outcome? Earlier, long? Expected = null, long? Seq = null, long? Version = null);
}
