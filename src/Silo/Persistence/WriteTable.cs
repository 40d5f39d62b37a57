using Npgsql;

namespace Warroom.Persistence;

/// <summary>What became of a unit that did not pass.</summary>
/// <param name="IsThere">It is there all the same: an attempt whose answer was lost had been committed.</param>
/// <param name="Failure">Otherwise: what its caller is to know (for a unit of several writes: of the first).</param>
internal readonly record struct Finding(bool IsThere, Exception? Failure);

/// <summary>A table (with those that are written along with it) as <see cref="GroupCommit"/> sees it.</summary>
internal abstract class WriteTable
{
    /// <summary>Its name, for messages.</summary>
    public abstract string Name { get; }

    /// <summary>Whether a write can follow another one of the same row within one unit.</summary>
    public abstract bool CanFollow(PendingWrite previous, PendingWrite next);

    /// <summary>One statement that writes those of the units whose row is as expected, and returns which.</summary>
    public abstract NpgsqlBatchCommand BuildCommand(IReadOnlyList<WriteUnit> units);

    /// <summary>Reads the statement's result and sets <see cref="WriteUnit.Passed"/>.</summary>
    public abstract Task ReadResultAsync(NpgsqlDataReader reader, IReadOnlyList<WriteUnit> units, CancellationToken cancellationToken);

    /// <summary>Finds out why a unit did not pass.</summary>
    public abstract Task<Finding> FindOutAsync(NpgsqlConnection connection, WriteUnit unit, CancellationToken cancellationToken);
}
