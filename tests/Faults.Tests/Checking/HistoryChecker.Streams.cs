using System.Text;
using Warroom.Faults.History;

namespace Warroom.Faults.Checking;

public static partial class HistoryChecker
{
    private static IEnumerable<Violation> Streams(IReadOnlyList<HistoryRecord> history, FinalState final)
    {
        var stored = final.Runs.ToDictionary(run => run.Run);
        foreach (var run in final.Runs.Where(run => run.End is null))
            yield return new(Verdict.Stream, $"Reply {run.Run} neither ended nor was interrupted.");

        var shown = new Dictionary<(string Viewer, Guid Run), StringBuilder>();
        foreach (var token in history.OfType<Token>())
        {
            if (!shown.TryGetValue((token.Viewer, token.Run), out var text))
                shown.Add((token.Viewer, token.Run), text = new());
            if (token.Offset == text.Length)
            {
                text.Append(token.Text);
            }
            else if (token.Offset == 0 && token.Text.Length >= text.Length && token.Text.StartsWith(text.ToString(), StringComparison.Ordinal))
            {
                // Joined again half-way: all so far.
                text.Append(token.Text, text.Length, token.Text.Length - text.Length);
            }
            else
            {
                yield return new(Verdict.Stream, $"Viewer {token.Viewer} was given characters from {token.Offset} of reply {token.Run} and had {text.Length}.", At: token.T);
            }
        }

        foreach (var twice in history.OfType<RunEnded>().GroupBy(end => (end.Viewer, end.Run)).Where(group => group.Count() > 1))
            yield return new(Verdict.Stream, $"Viewer {twice.Key.Viewer} was told {twice.Count()} times that reply {twice.Key.Run} ended.", At: twice.Last().T);

        foreach (var end in history.OfType<RunEnded>())
        {
            if (stored.TryGetValue(end.Run, out var run) && run.End != end.End)
                yield return new(Verdict.Stream, $"Viewer {end.Viewer} was told that reply {end.Run} is {end.End}; stored is {run.End?.ToString() ?? "nothing"}.", At: end.T);
        }

        foreach (var ((viewer, id), text) in shown)
        {
            if (!stored.TryGetValue(id, out var run))
                yield return new(Verdict.Stream, $"Viewer {viewer} was given reply {id}, which is not stored.");
            else if (!IsPrefix(text.ToString(), run.Text) && (run.End == RunEnd.Done || !IsPrefix(run.Text, text.ToString())))
                yield return new(Verdict.Stream, $"Viewer {viewer} was given {text.Length} characters of reply {id} that are not those stored.");
        }
    }

    private static bool IsPrefix(string prefix, string text) => text.StartsWith(prefix, StringComparison.Ordinal);
}
