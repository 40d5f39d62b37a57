using System.Text;

namespace Warroom.Simulation;

/// <summary>
/// The canned text: a function of model, prompt and length alone. It has the shape of an answer (Markdown, lists, code) so that pages and
/// parsers meet what they will meet, and it says in its first line that no model wrote it.
/// </summary>
internal static class SimText
{
    private static readonly string[] Openings =
    [
        "Here is how I would take this apart.",
        "A few things to look at, the cheapest first.",
        "Let us separate what is known from what is assumed.",
        "Short answer first, then the steps.",
    ];

    private static readonly string[] Steps =
    [
        "**Look at the change log** of the last hour; most incidents begin with a change.",
        "**Compare the error rate** before and after the first alert, per instance.",
        "**Check saturation**: connections in use, queue length, thread pool, disk.",
        "**Follow one slow request** end to end in the traces; note where the time goes.",
        "**Ask the dependency**: are its own latency and errors normal?",
        "**Roll back first, explain later** if the start coincides with a deployment.",
        "**Write down each finding** in the timeline with its source.",
        "**Name one owner** for the mitigation and a time for the next look.",
    ];

    private static readonly string[] Snippets =
    [
        "```promql\nsum by (status) (rate(http_requests_total[5m]))\n```",
        "```sql\nselect state, count(*)\nfrom pg_stat_activity\ngroup by state\norder by 2 desc;\n```",
        "```bash\ncurl -fsS http://localhost:8000/ready\njournalctl -u warroom --since '-15 min'\n```",
        "```csharp\nvar slow = spans.Where(span => span.Duration > budget)\n    .OrderByDescending(span => span.Duration)\n    .Take(10);\n```",
    ];

    private static readonly string[] Closings =
    [
        "If none of this shows anything, widen the window to a day and look again.",
        "Tell me what you find and I will suggest the next step — one at a time.",
        "The numbers decide; the guesses above are only an order to look in. ✅",
        "Keep the rollback ready while you look.",
    ];

    /// <summary>Writes the reply of a model to a prompt.</summary>
    public static string Reply(string model, string prompt)
    {
        var dice = new Dice(model + "\n" + prompt);
        var text = new StringBuilder();
        text.Append("*Simulated reply of ").Append(model).Append(": no model was asked.*\n\n");
        text.Append("You wrote: “").Append(Excerpt(prompt)).Append("”. ").Append(dice.Pick(Openings)).Append("\n\n");
        var first = dice.Next(Steps.Length);
        var count = 3 + dice.Next(3);
        for (var i = 0; i < count; i++)
        {
            var bullet = count % 2 == 0 ? "- " : $"{i + 1}. ";
            text.Append(bullet).Append(Steps[(first + i) % Steps.Length]).Append('\n');
        }

        text.Append('\n');
        if (dice.Next(3) != 0)
        {
            text.Append("A start:\n\n").Append(dice.Pick(Snippets)).Append("\n\n");
        }

        return text.Append(dice.Pick(Closings)).ToString();
    }

    /// <summary>The tokens of a reply with exactly that many, or as many as the text has when the length is 0.</summary>
    public static IReadOnlyList<string> Tokens(string model, string prompt, int length)
    {
        var tokens = new List<string>(Tokenise(Reply(model, prompt)));
        if (length == 0)
        {
            return tokens;
        }

        for (var part = 2; tokens.Count < length; part++)
        {
            tokens.AddRange(Tokenise($"\n\n### Part {part}\n\n" + Reply(model, prompt + part)));
        }

        return tokens.GetRange(0, length);
    }

    /// <summary>Splits a text like a model's vocabulary does: blanks go with the word that follows, long words in pieces; no character is cut.</summary>
    public static IEnumerable<string> Tokenise(string text)
    {
        var token = new StringBuilder();
        var letters = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            var blank = Rune.IsWhiteSpace(rune);
            if (letters > 0 && (blank || letters == 5))
            {
                yield return token.ToString();
                token.Clear();
                letters = 0;
            }

            token.Append(rune.ToString());
            letters += blank ? 0 : 1;
        }

        if (token.Length > 0)
        {
            yield return token.ToString();
        }
    }

    /// <summary>A unit vector derived from the text: equal texts are equal, and texts that share words are closer than those that share none.</summary>
    public static float[] Embed(string text, int dimensions)
    {
        var vector = new float[dimensions];
        foreach (var word in text.ToLowerInvariant().Split([' ', '\t', '\n', '\r', '.', ',', ';', ':', '!', '?'], StringSplitOptions.RemoveEmptyEntries).Prepend(string.Empty))
        {
            var dice = new Dice(word);
            for (var i = 0; i < 8; i++)
            {
                vector[dice.Next(dimensions)] += dice.Next(2) == 0 ? 1 : -1;
            }
        }

        var norm = MathF.Sqrt(vector.Sum(value => value * value));
        for (var i = 0; i < dimensions && norm > 0; i++)
        {
            vector[i] /= norm;
        }

        return vector;
    }

    private static string Excerpt(string prompt)
    {
        var line = string.Join(' ', prompt.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        if (line.Length <= 120)
        {
            return line;
        }

        var end = char.IsHighSurrogate(line[119]) ? 119 : 120;
        return line[..end] + "…";
    }

    /// <summary>Chance that is a function of its seed alone (FNV-1a, then xorshift): the same on every machine and in every run.</summary>
    private sealed class Dice
    {
        private ulong _state = 14695981039346656037;

        public Dice(string seed)
        {
            foreach (var value in Encoding.UTF8.GetBytes(seed))
            {
                _state = unchecked((_state ^ value) * 1099511628211);
            }

            _state |= 1;
        }

        public int Next(int below)
        {
            _state ^= _state << 13;
            _state ^= _state >> 7;
            _state ^= _state << 17;
            return (int)(_state % (ulong)below);
        }

        public string Pick(string[] from) => from[Next(from.Length)];
    }
}
