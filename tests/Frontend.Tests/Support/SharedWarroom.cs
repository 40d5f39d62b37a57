using Warroom.Frontend.Tests.Support;
using Warroom.Models.Tests;
using Warroom.Testing;

[assembly: AssemblyFixture(typeof(SharedWarroom))]

namespace Warroom.Frontend.Tests.Support;

/// <summary>One running program, with a database and a simulated model of its own, for all tests that leave it as it is.</summary>
public sealed class SharedWarroom : IAsyncLifetime
{
    private TestDatabase? _database;
    private SimUnderTest? _sim;
    private WarroomUnderTest? _warroom;

    internal WarroomUnderTest Warroom => _warroom ?? throw new InvalidOperationException("Not started.");

    internal HttpClient Http => Warroom.Http;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync();
        _sim = await SimUnderTest.StartAsync();
        _warroom = await WarroomUnderTest.StartAsync(_database.ConnectionString, ("Ollama:Endpoints:0", _sim.Endpoint));
    }

    public async ValueTask DisposeAsync()
    {
        if (_warroom is not null)
        {
            await _warroom.DisposeAsync();
        }

        if (_sim is not null)
        {
            await _sim.DisposeAsync();
        }

        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }
}
