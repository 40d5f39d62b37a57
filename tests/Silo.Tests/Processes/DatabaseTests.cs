using Warroom.Testing;

namespace Warroom.Silo.Tests.Processes;

/// <summary>Tests of real processes, each on a database of its own.</summary>
public abstract class DatabaseTests : IAsyncLifetime
{
    private TestDatabase? _database;

    protected TestDatabase Database => _database ?? throw new InvalidOperationException("Not started.");

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateAsync();

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }
}
