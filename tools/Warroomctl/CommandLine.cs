using System.Text.Json;
using static Warroom.Control.ClusterText;

namespace Warroom.Control;

/// <summary>The commands.</summary>
internal static class CommandLine
{
    private const string Cluster = "api/cluster";

    /// <summary>Less often than front ends answer a remote address: 60 times a minute.</summary>
    private static readonly TimeSpan PollPeriod = TimeSpan.FromSeconds(1.1);

    /// <summary>Runs one command line; the exit code.</summary>
    public static async Task<int> RunAsync(string[] line, CancellationToken cancellationToken)
    {
        try
        {
            if (Arguments.Read(line, Environment.GetEnvironmentVariable) is not { } arguments)
            {
                await Console.Out.WriteLineAsync(Help.Text);
                return line.Length == 0 ? ExitCode.Usage : ExitCode.Ok;
            }

            using var api = new Api(arguments);
            return arguments.Command switch
            {
                "status" => await StatusAsync(api, Alone(arguments), cancellationToken),
                "watch" => await WatchAsync(api, Alone(arguments), cancellationToken),
                "drain" => await DrainAsync(api, arguments, One(arguments, "SILO"), cancellationToken),
                "grains" => arguments.Operands.Count == 0 ? await GrainsAsync(api, arguments, cancellationToken) : await FindAsync(api, arguments, One(arguments, "ID"), cancellationToken),
                "deactivate" => await DeactivateAsync(api, arguments, One(arguments, "ID"), cancellationToken),
                "commands" => await CommandsAsync(api, Alone(arguments), cancellationToken),
                var other => throw Arguments.Usage($"There is no command {other}."),
            };
        }
        catch (ControlException failure)
        {
            await Console.Error.WriteLineAsync($"warroomctl: {failure.Message}");
            return failure.ExitCode;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
    }

    private static async Task<int> StatusAsync(Api api, Arguments arguments, CancellationToken cancellationToken)
    {
        var cluster = await api.GetAsync(Cluster, cancellationToken);
        await WriteAsync(arguments, cluster, Status);
        return IsWell(cluster) ? ExitCode.Ok : ExitCode.NotWell;
    }

    private static async Task<int> WatchAsync(Api api, Arguments arguments, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(arguments.Interval);
        try
        {
            do
            {
                string text;
                try
                {
                    var cluster = await api.GetAsync(Cluster, cancellationToken);
                    text = arguments.Json ? cluster.GetRawText() : Status(cluster);
                }
                catch (ControlException failure)
                {
                    // Who watches wants to see it come back.
                    text = arguments.Json ? JsonSerializer.Serialize(new Dictionary<string, string> { ["error"] = failure.Message }) : failure.Message;
                }

                // Home and clear below it: what does not change does not flicker.
                await Console.Out.WriteLineAsync(arguments.Json || Console.IsOutputRedirected ? text : $"\e[H\e[J{text}");
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Ctrl-C is how one stops watching.
        }

        return ExitCode.Ok;
    }

    private static async Task<int> DrainAsync(Api api, Arguments arguments, string wanted, CancellationToken cancellationToken)
    {
        var silo = Find(await api.GetAsync(Cluster, cancellationToken), wanted);
        var id = Text(silo, "id");
        var command = await api.PostAsync($"{Cluster}/silos/{Uri.EscapeDataString(id)}/drain{(arguments.Force ? "?force=true" : "")}", cancellationToken);
        if (!arguments.Wait)
        {
            await WriteAsync(arguments, command, _ => $"{Text(silo, "name")} is told to drain.\n");
            return ExitCode.Ok;
        }

        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(arguments.Timeout);
        try
        {
            return await FollowAsync(api, arguments, id, timeout.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ControlException(ExitCode.TimedOut, $"{Text(silo, "name")} was told to drain and was not done within {arguments.Timeout.TotalSeconds:0.#} s. It goes on.");
        }
    }

    private static async Task<int> FollowAsync(Api api, Arguments arguments, string id, CancellationToken cancellationToken)
    {
        var said = "";
        var isFrontendsOwn = false;
        using var timer = new PeriodicTimer(PollPeriod);
        for (; ; await timer.WaitForNextTickAsync(cancellationToken))
        {
            JsonElement silo;
            try
            {
                silo = Silos(await api.GetAsync(Cluster, cancellationToken)).FirstOrDefault(silo => Text(silo, "id") == id);
            }
            catch (ControlException failure) when (failure.NobodyListens && isFrontendsOwn)
            {
                await Console.Error.WriteLineAsync("The front end has ended, as the silo was in its process.");
                return ExitCode.Ok;
            }
            catch (ControlException failure) when (failure.ExitCode == ExitCode.Unreachable)
            {
                // The drain goes on whether somebody looks or not.
                if (failure.Message != said)
                    await Console.Error.WriteLineAsync(said = failure.Message);
                continue;
            }

            var state = Text(silo, "status");
            if (state == "stopped")
            {
                await WriteAsync(arguments, silo, _ => $"{Text(silo, "name")} has handed everything over and ended.\n");
                return ExitCode.Ok;
            }

            if (state is "dead" or "-")
                throw new ControlException(ExitCode.NotWell, $"The silo died before it had handed everything over. Its grains come back elsewhere when its lease has run out.");
            var figures = Member(silo, "figures");
            isFrontendsOwn = Member(figures, "with_frontend").ValueKind == JsonValueKind.True;
            var now = state == "draining" ? $"{Text(silo, "name")} is draining, {Member(figures, "activations")} grains left" : $"{Text(silo, "name")} is told to drain";
            if (now != said)
                await Console.Error.WriteLineAsync(said = now);
        }
    }

    private static async Task<int> GrainsAsync(Api api, Arguments arguments, CancellationToken cancellationToken)
    {
        var cluster = await api.GetAsync(Cluster, cancellationToken);
        await WriteAsync(arguments, arguments.Json ? cluster.GetProperty("totals").GetProperty("grains") : cluster, Grains);
        return ExitCode.Ok;
    }

    private static async Task<int> FindAsync(Api api, Arguments arguments, string id, CancellationToken cancellationToken)
    {
        var place = await api.GetAsync($"{Cluster}/grains/{Uri.EscapeDataString(id)}", cancellationToken);
        var isThere = Member(place, "silo_id").ValueKind == JsonValueKind.String;
        await WriteAsync(arguments, place, _ => isThere ? $"{Text(place, "id")} is in memory in {Text(place, "silo_id")}.\n" : $"{Text(place, "id")} is not in memory.\n");
        return isThere ? ExitCode.Ok : ExitCode.NotWell;
    }

    private static async Task<int> DeactivateAsync(Api api, Arguments arguments, string id, CancellationToken cancellationToken)
    {
        var command = await api.PostAsync($"{Cluster}/grains/{Uri.EscapeDataString(id)}/deactivate", cancellationToken);
        await WriteAsync(arguments, command, _ => Text(command, "outcome") == "not_active" ? $"{Text(command, "grain_id")} was not in memory.\n" : $"{Text(command, "grain_id")} leaves memory.\n");
        return ExitCode.Ok;
    }

    private static async Task<int> CommandsAsync(Api api, Arguments arguments, CancellationToken cancellationToken)
    {
        await WriteAsync(arguments, await api.GetAsync($"{Cluster}/commands", cancellationToken), Commands);
        return ExitCode.Ok;
    }

    private static bool IsWell(JsonElement cluster)
    {
        var totals = cluster.GetProperty("totals");
        return totals.GetProperty("active").GetInt32() > 0 && totals.GetProperty("stale").GetInt32() == 0;
    }

    /// <summary>By id, or by a name or address that only one silo of those that are there has.</summary>
    private static JsonElement Find(JsonElement cluster, string wanted)
    {
        var found = Silos(cluster).Where(silo => Text(silo, "id") == wanted || (!HasEnded(silo) && (Text(silo, "name") == wanted || Text(silo, "address") == wanted))).ToList();
        return found.Count switch
        {
            1 => found[0],
            0 when Silos(cluster).FirstOrDefault(silo => Text(silo, "name") == wanted || Text(silo, "address") == wanted) is { ValueKind: JsonValueKind.Object } ended =>
                throw new ControlException(ExitCode.Refused, $"{wanted} has ended already: it is {Text(ended, "status")}."),
            0 => throw new ControlException(ExitCode.Refused, $"There is no silo {wanted}. There are: {string.Join(", ", Silos(cluster).Where(silo => !HasEnded(silo)).Select(silo => Text(silo, "name")).DefaultIfEmpty("none"))}."),
            _ => throw new ControlException(ExitCode.Refused, $"{wanted} is the name of several silos. Say which by id: {string.Join(", ", found.Select(silo => Text(silo, "id")))}."),
        };
    }

    private static Arguments Alone(Arguments arguments) => arguments.Operands.Count == 0 ? arguments : throw Arguments.Usage($"{arguments.Command} takes no \"{arguments.Operands[0]}\".");

    private static string One(Arguments arguments, string name) => arguments.Operands.Count == 1 ? arguments.Operands[0] : throw Arguments.Usage($"{arguments.Command} takes one {name}.");

    private static async Task WriteAsync(Arguments arguments, JsonElement answer, Func<JsonElement, string> text)
    {
        if (arguments.Json)
            await Console.Out.WriteLineAsync(answer.GetRawText());
        else
            await Console.Out.WriteAsync(text(answer));
    }
}
