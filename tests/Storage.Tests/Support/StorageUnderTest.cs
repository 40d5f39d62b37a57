using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Warroom.Persistence;
using Warroom.Postgres;

namespace Warroom.Storage.Tests;

/// <summary>Both doors over the tests' own tables, as one process has them: its own pool, writers and process id.</summary>
internal sealed class StorageUnderTest : IAsyncDisposable
{
    private readonly ServiceProvider _meters = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, long> _counts = [];

    public StorageUnderTest(string connectionString, Action<PostgresOptions>? configure = null)
    {
        var options = new PostgresOptions();
        configure?.Invoke(options);
        var meters = _meters.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == meters)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => Count(instrument.Name, value));
        _listener.SetMeasurementEventCallback<int>((instrument, _, _, _) => Count(instrument.Name, 1));
        _listener.Start();

        Source = PostgresDataSource.Create(connectionString, options, LoggerFactory.Create(_ => { }));
        var wrapped = Options.Create(options);
        Reader = new(Source, wrapped, TimeProvider.System, LoggerFactory.Create(_ => { }).CreateLogger<PostgresReader>());
        Commit = new(Source, wrapped, TimeProvider.System, meters, LoggerFactory.Create(_ => { }).CreateLogger<GroupCommit>());
        Notes = new(TestTables.Notes, Reader, Commit);
        Cards = new([TestTables.Cards], Reader, Commit);
    }

    public NpgsqlDataSource Source { get; }

    public PostgresReader Reader { get; }

    public GroupCommit Commit { get; }

    public PostgresGrainLog<Note> Notes { get; }

    public WarroomGrainStorage Cards { get; }

    /// <summary>The sum of a counter, or how often a histogram was recorded.</summary>
    public long Counted(string instrument)
    {
        lock (_counts)
        {
            return _counts.GetValueOrDefault(instrument);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Commit.DisposeAsync();
        await Source.DisposeAsync();
        _listener.Dispose();
        await _meters.DisposeAsync();
    }

    private void Count(string instrument, long value)
    {
        lock (_counts)
        {
            _counts[instrument] = _counts.GetValueOrDefault(instrument) + value;
        }
    }
}
