using System.Net.Sockets;
using Npgsql;

namespace Warroom.Postgres;

/// <summary>What a failure of the database says about what was sent.</summary>
internal enum FailureKind
{
    /// <summary>It fails every time: a constraint, a type, a syntax error. Nothing is there.</summary>
    Permanent,

    /// <summary>The server says that it rolled back, and it may work later. Nothing is there.</summary>
    RolledBack,

    /// <summary>The connection broke, or the server ended it: whether it was committed is not known.</summary>
    Unknown,
}

/// <summary>Sorts failures of the database by the rule of commit outcomes.</summary>
internal static class PostgresFailure
{
    /// <summary>What a failure while sending or waiting says.</summary>
    public static FailureKind Classify(Exception failure) => failure switch
    {
        PostgresException { SqlState: var state } => ClassifyState(state),
        // An exception of Npgsql's own: it could not write, read or wait any longer.
        NpgsqlException or IOException or SocketException or TimeoutException or OperationCanceledException => FailureKind.Unknown,
        _ => FailureKind.Permanent,
    };

    /// <summary>Whether it may work later (also for failures to connect).</summary>
    public static bool Passes(Exception failure) => Classify(failure) != FailureKind.Permanent;

    // https://www.postgresql.org/docs/current/errcodes-appendix.html
    private static FailureKind ClassifyState(string state) => state switch
    {
        // The session was ended (pg_terminate_backend, shutdown, crash of another backend, idle too long). Almost always before the commit, but the message can also meet a transaction that has just been committed.
        "57P01" or "57P02" or "57P03" or "57P05" or ['0', '8', ..] => FailureKind.Unknown,
        // Serialization failure, deadlock; out of memory, disk or connections; lock timeout; statement timeout; I/O error; a standby (in a failover).
        ['4', '0', ..] or ['5', '3', ..] or "55P03" or "55006" or "57014" or "58030" or "25006" => FailureKind.RolledBack,
        _ => FailureKind.Permanent,
    };
}
