using System.ComponentModel.DataAnnotations;

namespace Warroom.Postgres;

/// <summary>
/// How this process uses its database: section <c>Postgres</c>. The database itself is named by the connection string <c>Warroom</c>; what that string says
/// about pool, timeouts or TLS wins over what is said here.
/// </summary>
/// <remarks>
/// All writes of a process travel on <see cref="Writers"/> connections (group commit), so that a busy process uses some eight connections, not the whole pool: twenty busy backends on two cores only
/// fight. The pool may grow to <see cref="PoolSizeMax"/> for reads. One database serves at most 100 connections of all processes together; start-up compares the pool with <c>max_connections</c>.
/// </remarks>
public sealed class PostgresOptions
{
    /// <summary>The section they are bound to.</summary>
    public const string Section = "Postgres";

    /// <summary>The name of the connection string.</summary>
    public const string ConnectionStringName = "Warroom";

    /// <summary>The connections that are kept when nothing happens; 0 to 50. Default 2: opening one takes a few milliseconds, keeping one takes memory of the server.</summary>
    [Range(0, 50)]
    public int PoolSizeMin { get; set; } = 2;

    /// <summary>The most connections of this process; 5 to 50. Default 20.</summary>
    [Range(5, 50)]
    public int PoolSizeMax { get; set; } = 20;

    /// <summary>How many batches may be committed at once; 1 to 4. Default 2: one fills while the other commits.</summary>
    [Range(1, 4)]
    public int Writers { get; set; } = 2;

    /// <summary>To connect, and to wait for a free connection of the pool; 1 to 60 seconds. Default 5.</summary>
    [Range(1, 60)]
    public int ConnectTimeoutSeconds { get; set; } = 5;

    /// <summary>After which the server gives up a statement; 1 to 600 seconds. Default 30.</summary>
    [Range(1, 600)]
    public int StatementTimeoutSeconds { get; set; } = 30;

    /// <summary>After which an unused connection is closed; 10 to 86,400 seconds. Default 1,800.</summary>
    [Range(10, 86_400)]
    public int IdleLifetimeSeconds { get; set; } = 1_800;

    /// <summary>After which a connection is replaced, so that a changed address is noticed; 10 to 86,400 seconds. Default 1,800.</summary>
    [Range(10, 86_400)]
    public int ConnectionLifetimeSeconds { get; set; } = 1_800;

    /// <summary>How long a batch may take before its connection counts as dead; 1 to 60 seconds. Default 10.</summary>
    [Range(1, 60)]
    public int WriteTimeoutSeconds { get; set; } = 10;

    /// <summary>How long a write is tried again after failures that pass (a restart of the database, a broken connection) before its callers are told; 1 to 120 seconds. Default 25: less than a grain call's 30.</summary>
    [Range(1, 120)]
    public int WriteRetrySeconds { get; set; } = 25;

    /// <summary>How long a read is tried again after failures that pass; 0 to 60 seconds. Default 5.</summary>
    [Range(0, 60)]
    public int ReadRetrySeconds { get; set; } = 5;

    /// <summary>The most writes in one batch; 1 to 5,000. Default 512.</summary>
    [Range(1, 5_000)]
    public int BatchSizeMax { get; set; } = 512;

    /// <summary>The most bytes in one batch, about; 64 KiB to 256 MiB. Default 8 MiB.</summary>
    [Range(65_536, 268_435_456)]
    public long BatchBytesMax { get; set; } = 8 * 1024 * 1024;

    /// <summary>The most writes that wait; one more is refused with <c>storage.overloaded</c>. 1 to 1,000,000, default 20,000.</summary>
    [Range(1, 1_000_000)]
    public int QueueSizeMax { get; set; } = 20_000;

    /// <summary>The most bytes that wait, about; 64 KiB to 4 GiB. Default 128 MiB.</summary>
    [Range(65_536, 4_294_967_296)]
    public long QueueBytesMax { get; set; } = 128 * 1024 * 1024;

    /// <summary>How long start-up waits for a database that does not answer yet; 0 to 600 seconds. Default 60.</summary>
    [Range(0, 600)]
    public int StartupTimeoutSeconds { get; set; } = 60;
}
