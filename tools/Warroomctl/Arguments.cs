using System.Globalization;

namespace Warroom.Control;

/// <summary>The command line, read.</summary>
internal sealed record Arguments
{
    private const string DefaultUrl = "http://127.0.0.1:8000";

    public required string Command { get; init; }

    public required IReadOnlyList<string> Operands { get; init; }

    public required Uri Url { get; init; }

    public required string Actor { get; init; }

    public bool Json { get; init; }

    public bool Force { get; init; }

    public bool Wait { get; init; } = true;

    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(120);

    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Reads it; <see langword="null"/> if help is asked for.</summary>
    /// <exception cref="ControlException">It is wrong.</exception>
    public static Arguments? Read(IReadOnlyList<string> arguments, Func<string, string?> environment)
    {
        var words = new List<string>();
        string? url = null, actor = null;
        var (json, force, wait) = (false, false, true);
        var (timeout, interval) = (TimeSpan.FromSeconds(120), TimeSpan.FromSeconds(1));
        for (var i = 0; i < arguments.Count; i++)
        {
            var (name, inline) = arguments[i].StartsWith("--", StringComparison.Ordinal) && arguments[i].IndexOf('=', StringComparison.Ordinal) is > 0 and var equals
                ? (arguments[i][..equals], arguments[i][(equals + 1)..])
                : (arguments[i], null);
            string Value() => inline ?? (++i < arguments.Count ? arguments[i] : throw Usage($"{name} needs a value."));
            switch (name)
            {
                case "--help" or "-h": return null;
                case "--url": url = Value(); break;
                case "--actor": actor = Value(); break;
                case "--json": json = true; break;
                case "--force": force = true; break;
                case "--no-wait": wait = false; break;
                case "--timeout": timeout = Seconds(name, Value()); break;
                case "--interval": interval = Seconds(name, Value()); break;
                case ['-', ..]: throw Usage($"There is no option {name}.");
                default: words.Add(name); break;
            }
        }

        if (words.Count == 0 || words[0] == "help")
            return null;
        return new()
        {
            Command = words[0],
            Operands = words[1..],
            Url = Address(url ?? environment("WARROOM_URL") ?? DefaultUrl),
            Actor = actor ?? environment("WARROOM_ACTOR") ?? environment("USER") ?? "operator",
            Json = json,
            Force = force,
            Wait = wait,
            Timeout = timeout,
            Interval = interval,
        };
    }

    public static ControlException Usage(string sentence) => new(ExitCode.Usage, $"{sentence} See warroomctl --help.");

    private static Uri Address(string text) => Uri.TryCreate(text.EndsWith('/') ? text : $"{text}/", UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
        ? address
        : throw Usage($"\"{text}\" is no address of a front end, such as {DefaultUrl}.");

    private static TimeSpan Seconds(string name, string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and <= 86_400
        ? TimeSpan.FromSeconds(seconds)
        : throw Usage($"{name} is a number of seconds, not \"{text}\".");
}
