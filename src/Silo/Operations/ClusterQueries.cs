using System.Text.Json;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using Warroom.Postgres;

namespace Warroom.Operations;

/// <summary>The cluster as operators see it: from the database alone, so that it is seen even when no silo answers.</summary>
public sealed class ClusterQueries(PostgresReader reader, IOptions<WarroomSiloOptions> options)
{
    /// <summary>After so long without a report a silo counts as silent: three reports are missing.</summary>
    internal static readonly TimeSpan StaleAfter = TimeSpan.FromSeconds(3.5);

    /// <summary>After so long without a report a silo counts as dead, where no membership says so.</summary>
    internal static readonly TimeSpan DeadAfter = TimeSpan.FromSeconds(15);

    // What the membership knows (none with a single process) joined with what the silos report.
    private const string Silos = """
        SELECT coalesce(r.silo_id, m.silo_address), coalesce(r.name, m.silo_name), r.status, m.status, coalesce(r.started_at, m.started_at), m.dead_at, r.reported_at, m.seen_at, r.figures::text, now(),
          d.id, d.kind, d.silo_id, d.grain_id, d.requested_by, d.requested_at, d.started_at, d.finished_at, d.outcome
        FROM (SELECT * FROM silo_reports WHERE cluster_id = $1) r
        FULL JOIN (SELECT * FROM orleans_members WHERE cluster_id = $1) m ON m.silo_address = r.silo_id
        LEFT JOIN LATERAL (
          SELECT * FROM operator_commands c WHERE c.cluster_id = $1 AND c.kind = 'drain' AND c.silo_id = coalesce(r.silo_id, m.silo_address) ORDER BY c.requested_at DESC LIMIT 1
        ) d ON true
        WHERE coalesce(r.reported_at, m.dead_at, m.seen_at) > now() - interval '1 hour'
        ORDER BY coalesce(r.reported_at, m.seen_at) DESC
        LIMIT 200
        """;

    private const string Columns = "id, kind, silo_id, grain_id, requested_by, requested_at, started_at, finished_at, outcome";

    /// <summary>The silos and their sums.</summary>
    public async Task<ClusterOverview> GetAsync(CancellationToken cancellationToken = default)
    {
        var rows = await reader.ReadRowsAsync(Silos, [Text(options.Value.ClusterId)], Row, cancellationToken);
        var there = rows.Where(row => IsThere(row.Silo)).Select(row => row.Silo).OrderBy(silo => silo.Name, StringComparer.Ordinal).ThenBy(silo => silo.StartedAt);
        var gone = rows.Where(row => !IsThere(row.Silo)).Select(row => row.Silo).OrderByDescending(silo => silo.EndedAt);
        return new()
        {
            ClusterId = options.Value.ClusterId,
            At = rows.Count > 0 ? rows[0].Now : (await reader.ReadRowsAsync("SELECT now()", [], row => row.GetFieldValue<DateTimeOffset>(0), cancellationToken))[0],
            Silos = [.. there, .. gone],
            Totals = Sum([.. rows.Select(row => row.Silo).Where(IsThere)]),
        };
    }

    /// <summary>The commands of the last days, the latest first.</summary>
    public async Task<IReadOnlyList<OperatorCommand>> CommandsAsync(int limit, CancellationToken cancellationToken = default) => await reader.ReadRowsAsync(
        $"SELECT {Columns} FROM operator_commands WHERE cluster_id = $1 ORDER BY requested_at DESC LIMIT $2",
        [Text(options.Value.ClusterId), new NpgsqlParameter<int>(null!, NpgsqlDbType.Integer) { TypedValue = limit }],
        row => OperatorCommands.Read(row, 0),
        cancellationToken);

    /// <summary>What a silo is doing, by its own word, the membership's and its silence.</summary>
    internal static SiloState StateOf(string? reported, string? member, TimeSpan? silence) => (reported, member) switch
    {
        ("stopped", _) => SiloState.Stopped,
        (_, "Dead") => SiloState.Dead,
        (_, null) when silence > DeadAfter => SiloState.Dead,
        ("draining", _) or (_, "ShuttingDown") => SiloState.Draining,
        ("starting", _) or (_, "Joining") => SiloState.Starting,
        _ => SiloState.Active,
    };

    private static bool IsThere(SiloEntry silo) => silo.Status is not (SiloState.Stopped or SiloState.Dead);

    private static (SiloEntry Silo, DateTimeOffset Now) Row(NpgsqlDataReader row)
    {
        var id = row.GetString(0);
        var now = row.GetFieldValue<DateTimeOffset>(9);
        var silence = Time(row, 6) is { } reportedAt ? now - reportedAt : (TimeSpan?)null;
        var state = StateOf(row.IsDBNull(2) ? null : row.GetString(2), row.IsDBNull(3) ? null : row.GetString(3), silence);
        var ended = state is SiloState.Stopped or SiloState.Dead;
        return (
            new()
            {
                Id = id,
                Name = row.GetString(1),
                Address = id.LastIndexOf('@') is > 0 and var at ? id[..at] : id,
                Status = state,
                Stale = !ended && (silence is null || silence > StaleAfter),
                StartedAt = row.GetFieldValue<DateTimeOffset>(4),
                EndedAt = ended ? (state == SiloState.Stopped ? Time(row, 6) : Time(row, 5) ?? Time(row, 6)) : null,
                ReportAgeMs = silence is { } age ? Math.Round(age.TotalMilliseconds) : null,
                LeaseAgeMs = !ended && Time(row, 7) is { } seenAt ? Math.Round((now - seenAt).TotalMilliseconds) : null,
                Figures = row.IsDBNull(8) ? null : JsonSerializer.Deserialize(row.GetString(8), SiloFiguresJson.Default.SiloFigures),
                Drain = row.IsDBNull(10) ? null : OperatorCommands.Read(row, 10),
            },
            now);
    }

    private static ClusterTotals Sum(IReadOnlyList<SiloEntry> silos)
    {
        var reporting = silos.Where(silo => !silo.Stale && silo.Figures is not null).Select(silo => silo.Figures!).ToList();
        return new()
        {
            Active = silos.Count(silo => silo is { Status: SiloState.Active, Stale: false }),
            Draining = silos.Count(silo => silo.Status == SiloState.Draining),
            Stale = silos.Count(silo => silo.Stale),
            Activations = reporting.Sum(figures => figures.Activations),
            CallsPerSecond = Math.Round(reporting.Sum(figures => figures.CallsPerSecond), 1),
            MailboxDepth = reporting.Sum(figures => figures.MailboxDepth ?? 0),
            Grains = [.. reporting.SelectMany(figures => figures.Grains).GroupBy(grain => grain.Kind).Select(kind => new GrainCount { Kind = kind.Key, Count = kind.Sum(grain => grain.Count) }).OrderByDescending(kind => kind.Count).ThenBy(kind => kind.Kind, StringComparer.Ordinal)],
        };
    }

    private static DateTimeOffset? Time(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetFieldValue<DateTimeOffset>(column);

    private static NpgsqlParameter Text(string value) => new NpgsqlParameter<string>(null!, NpgsqlDbType.Text) { TypedValue = value };
}
