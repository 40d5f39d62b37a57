using System.Text.Json;

using Warroom.Faults.Checking;
using Warroom.Faults.Harness;
using Warroom.Faults.History;

namespace Warroom.Faults.Workload;

/// <summary>One person who works on incidents, as fast as the rate says and the answers let.</summary>
public sealed class Writer(int number, IReadOnlyList<Guid> incidents, IReadOnlyList<Uri> frontEnds, HistoryFile history, WorkloadOptions options) : IDisposable
{
    private static readonly string[] Statuses = ["investigating", "identified", "monitoring"];
    private readonly Random _random = new(HashCode.Combine(options.Seed, number));
    private readonly Zipf _zipf = new(incidents.Count);
    private readonly Client _client = new($"writer{number}", frontEnds, history, new Random(HashCode.Combine(options.Seed, number, 1)));
    private readonly List<Command> _earlier = [];
    private readonly List<string> _firing = [];
    private int _count;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var period = TimeSpan.FromSeconds(options.Writers / options.Rate);
        var due = HistoryFile.Now + (long)(period.TotalNanoseconds * _random.NextDouble());
        while (!cancellationToken.IsCancellationRequested)
        {
            var wait = TimeSpan.FromMicroseconds((due - HistoryFile.Now) / 1e3);
            if (wait > TimeSpan.Zero)
            {
                try
                {
                    await Task.Delay(wait, TimeProvider.System, cancellationToken);
                }
                catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
                {
                    return;
                }
            }

            // What was missed while an answer was waited for is not made up for all at once.
            due = Math.Max(due + (long)period.TotalNanoseconds, HistoryFile.Now);
            await StepAsync(cancellationToken);
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task StepAsync(CancellationToken cancellationToken)
    {
        var incident = incidents[_zipf.Next(_random)];
        var text = $"writer {number}, step {++_count} of seed {options.Seed}";
        var command = _random.NextDouble() switch
        {
            < 0.60 => new(Id(), OperationKind.Append, incident, HttpMethod.Post, $"api/incidents/{incident}/timeline", new { text }, Payload: Hashes.Of(text)),
            < 0.75 => await ConditionalAsync(incident, text, cancellationToken),
            < 0.80 => new(Id(), OperationKind.Change, incident, HttpMethod.Patch, $"api/incidents/{incident}", new { title = text }, Payload: Hashes.Of(text)),
            < 0.90 => Look(incident),
            < 0.98 => Alert(),
            _ => options.Resends && _earlier.Count > 0 ? _earlier[_random.Next(_earlier.Count)] : Look(incident),
        };
        if (command is null)
            return;

        command = command with { IsSentOnce = command.Kind != OperationKind.Read && _random.NextDouble() < options.SentOnce };
        var answer = await _client.SendAsync(command, cancellationToken);
        if (command is { Kind: OperationKind.Append or OperationKind.Change, IsSentOnce: false })
            _earlier.Add(command);
        if (command.Kind == OperationKind.Alert && answer is not null && command.Body is AlertMessage { Status: "firing" } fired && !_firing.Contains(fired.Alerts[0].Fingerprint))
            _firing.Add(fired.Alerts[0].Fingerprint);
    }

    // Looks, decides, and changes only if nobody was faster.
    private async Task<Command?> ConditionalAsync(Guid incident, string reason, CancellationToken cancellationToken)
    {
        var pick = _random.Next(Statuses.Length - 1);
        if (await _client.SendAsync(Look(incident), cancellationToken) is not { } seen)
            return null;
        var version = seen.GetProperty("version").GetInt64();
        var current = seen.GetProperty("status").GetString();
        var status = Statuses.Where(other => other != current).ElementAt(pick);
        return new(Id(), OperationKind.ChangeIf, incident, HttpMethod.Patch, $"api/incidents/{incident}", new { status, reason, expected_version = version }, version, Hashes.Of(reason));
    }

    private Command Alert()
    {
        // Alertmanager repeats itself, and tells the end of what it told the beginning of.
        var choice = _random.NextDouble();
        var (fingerprint, status) = _firing.Count > 0 && choice < 0.5 ? (_firing[_random.Next(_firing.Count)], choice < 0.3 ? "firing" : "resolved") : (Hashes.Of($"{options.Seed} {number} {_count}")[..16], "firing");
        var startsAt = new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(Convert.ToInt32(fingerprint[..5], 16));
        var service = $"service-{Convert.ToInt32(fingerprint[..2], 16) % 4}";
        var alert = new AlertItem(
            status, new(StringComparer.Ordinal) { ["alertname"] = $"Alert{fingerprint[..4]}", ["service"] = service, ["severity"] = "high" }, startsAt, status == "resolved" ? startsAt.AddMinutes(5) : null, fingerprint);
        return new(FinalRead.AlertOperation(fingerprint, status), OperationKind.Alert, null, HttpMethod.Post, "api/webhooks/alertmanager", new AlertMessage(status, [alert]));
    }

    private Command Look(Guid incident) => new(Id(), OperationKind.Read, incident, HttpMethod.Get, $"api/incidents/{incident}", null);

    // Of the seed, so that a run's operations are the same each time; a version 7 UUID in form.
    private Guid Id()
    {
        Span<byte> bytes = stackalloc byte[16];
        _random.NextBytes(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x70);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new(bytes, bigEndian: true);
    }

    // Alertmanager's own names are camelCase.
    private sealed record AlertMessage(string Status, [property: System.Text.Json.Serialization.JsonPropertyName("alerts")] IReadOnlyList<AlertItem> Alerts)
    {
        public string Version => "4";

        public string Receiver => "warroom";
    }

    private sealed record AlertItem(
        string Status,
        Dictionary<string, string> Labels,
        [property: System.Text.Json.Serialization.JsonPropertyName("startsAt")] DateTimeOffset StartsAt,
        [property: System.Text.Json.Serialization.JsonPropertyName("endsAt")] DateTimeOffset? EndsAt,
        string Fingerprint);
}
