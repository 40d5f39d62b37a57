using System.Data.Common;
using System.Globalization;
using System.Net;
using Npgsql;

namespace Warroom.Postgres;

/// <summary>Makes the one data source of a process.</summary>
internal static class PostgresDataSource
{
    /// <summary>How many statements a connection keeps prepared: all that this product has, with room for combinations of filters.</summary>
    private const int PreparedMax = 100;

    /// <summary>Makes the data source.</summary>
    /// <exception cref="DatabaseRefusedException">The connection string is missing or not well-formed.</exception>
    public static NpgsqlDataSource Create(string? connectionString, PostgresOptions options, ILoggerFactory loggerFactory)
    {
        var builder = new NpgsqlDataSourceBuilder(Complete(connectionString, options)) { Name = "warroom" };
        builder.UseLoggerFactory(loggerFactory);
        return builder.Build();
    }

    /// <summary>The connection string with what the options say, unless it says so itself.</summary>
    internal static string Complete(string? connectionString, PostgresOptions options)
    {
        if (string.IsNullOrWhiteSpace(connectionString))
        {
            throw new DatabaseRefusedException(
                $"No database is named. Set ConnectionStrings__{PostgresOptions.ConnectionStringName}='Host=...;Database=...;Username=...;Password=...'.");
        }

        var (said, complete) = Parse(connectionString);
        void Default(Action<NpgsqlConnectionStringBuilder> set, params ReadOnlySpan<string> names)
        {
            foreach (var name in names)
            {
                if (said.Contains(name))
                    return;
            }

            set(complete);
        }

        Default(c => c.MinPoolSize = Math.Min(options.PoolSizeMin, c.MaxPoolSize), "minpoolsize", "minimumpoolsize");
        Default(c => c.MaxPoolSize = options.PoolSizeMax, "maxpoolsize", "maximumpoolsize");
        Default(c => c.Timeout = Guards.BoundedWait ? options.ConnectTimeoutSeconds : 0, "timeout");
        // The server ends a statement by itself; the client waits a little longer, for its word is worth more than a broken connection.
        Default(c => c.CommandTimeout = options.StatementTimeoutSeconds + 5, "commandtimeout");
        Default(c => c.ConnectionIdleLifetime = options.IdleLifetimeSeconds, "connectionidlelifetime");
        Default(c => c.ConnectionLifetime = options.ConnectionLifetimeSeconds, "connectionlifetime", "loadbalancetimeout");
        Default(c => c.MaxAutoPrepare = PreparedMax, "maxautoprepare");
        Default(c => c.AutoPrepareMinUsages = 2, "autoprepareminusages");
        Default(c => c.ApplicationName = "warroom", "applicationname");
        Default(c => c.KeepAlive = 30, "keepalive");
        Default(c => c.IncludeErrorDetail = false, "includeerrordetail");
        Default(RequireTls, "sslmode");
        Default(
            c => c.Options = string.Create(CultureInfo.InvariantCulture, $"-c statement_timeout={options.StatementTimeoutSeconds}s -c idle_in_transaction_session_timeout=60s -c timezone=UTC"),
            "options");
        return complete.ConnectionString;
    }

    /// <summary>The connection string for a pool of somebody else's, who says all about it but this: the way to another machine is encrypted, unless the string says otherwise.</summary>
    internal static string WithTls(string connectionString)
    {
        var (said, complete) = Parse(connectionString);
        if (!said.Contains("sslmode"))
            RequireTls(complete);
        return complete.ConnectionString;
    }

    private static void RequireTls(NpgsqlConnectionStringBuilder connection) => connection.SslMode = IsLoopback(connection.Host) ? SslMode.Prefer : SslMode.Require;

    private static (HashSet<string> Said, NpgsqlConnectionStringBuilder Complete) Parse(string connectionString)
    {
        try
        {
            return (Said(connectionString), new NpgsqlConnectionStringBuilder(connectionString));
        }
        catch (Exception malformed) when (malformed is ArgumentException or FormatException)
        {
            // The text itself stays out of the sentence: it may hold a password.
            throw new DatabaseRefusedException($"ConnectionStrings__{PostgresOptions.ConnectionStringName} is not well-formed: {malformed.Message}", malformed);
        }
    }

    /// <summary>Whether all of the hosts are this machine: a Unix socket, localhost or a loopback address.</summary>
    internal static bool IsLoopback(string? hosts) =>
        !string.IsNullOrWhiteSpace(hosts) && hosts.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).All(IsLoopbackHost);

    private static bool IsLoopbackHost(string host)
    {
        if (host.StartsWith('/') || host.StartsWith('@'))
            return true;
        if (IPAddress.TryParse(host, out var whole))
            return IPAddress.IsLoopback(whole);
        var port = host.LastIndexOf(':');
        var name = port > 0 ? host[..port] : host;
        return name.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(name, out var address) && IPAddress.IsLoopback(address));
    }

    /// <summary>The keywords that a connection string has, without spaces and in lower case.</summary>
    private static HashSet<string> Said(string connectionString)
    {
        var plain = new DbConnectionStringBuilder { ConnectionString = connectionString };
        return plain.Keys.Cast<string>().Select(key => key.Replace(" ", "", StringComparison.Ordinal)).ToHashSet(StringComparer.OrdinalIgnoreCase);
    }
}
