using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;
using Warroom.Postgres;
using Warroom.Testing;
using Xunit;

namespace Warroom.Storage.Tests;

public sealed class PostgresStartTests(DatabaseFixture database) : IClassFixture<DatabaseFixture>
{
    [Theory]
    [InlineData("Host=127.0.0.1", SslMode.Prefer)]
    [InlineData("Host=localhost", SslMode.Prefer)]
    [InlineData("Host=::1", SslMode.Prefer)]
    [InlineData("Host=/var/run/postgresql", SslMode.Prefer)]
    [InlineData("Host=db.example.org", SslMode.Require)]
    [InlineData("Host=127.0.0.1,db.example.org", SslMode.Require)]
    [InlineData("Host=10.0.0.5:5433", SslMode.Require)]
    [InlineData("Host=localhost.example.org", SslMode.Require)]
    [InlineData("Host=db.example.org;SSL Mode=Disable", SslMode.Disable)]
    [InlineData("Host=db.example.org;SslMode=VerifyFull", SslMode.VerifyFull)]
    public void Complete_Host_DecidesAboutTls(string connectionString, SslMode expected)
    {
        Assert.Equal(expected, new NpgsqlConnectionStringBuilder(PostgresDataSource.Complete(connectionString, new())).SslMode);

        // So it is for the membership, which has connections of its own.
        Assert.Equal(expected, new NpgsqlConnectionStringBuilder(OfMembership(connectionString)).SslMode);
    }

    [Fact]
    public void Membership_WhatTheConnectionStringSays_Stays()
    {
        var said = new NpgsqlConnectionStringBuilder(OfMembership("Host=db.example.org;Database=warroom;Timeout=3"));

        Assert.Equal(("db.example.org", "warroom", 3), (said.Host, said.Database, said.Timeout));
        Assert.Equal("", OfMembership(""));
    }

    [Fact]
    public void Complete_WhatTheConnectionStringSays_Wins()
    {
        var said = new NpgsqlConnectionStringBuilder(PostgresDataSource.Complete("Host=localhost;Maximum Pool Size=7;Timeout=3", new() { ConnectTimeoutSeconds = 9 }));
        var unsaid = new NpgsqlConnectionStringBuilder(PostgresDataSource.Complete("Host=localhost", new() { PoolSizeMax = 11, ConnectTimeoutSeconds = 9 }));

        Assert.Equal((7, 3), (said.MaxPoolSize, said.Timeout));
        Assert.Equal((11, 9), (unsaid.MaxPoolSize, unsaid.Timeout));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(" ")]
    public void Complete_NoConnectionString_SaysWhatToSet(string? connectionString) =>
        Assert.Contains("ConnectionStrings__Warroom", Assert.Throws<DatabaseRefusedException>(() => PostgresDataSource.Complete(connectionString, new())).Message, StringComparison.Ordinal);

    [Fact]
    public void Complete_MalformedConnectionString_IsRefusedWithoutItsPassword()
    {
        var refused = Assert.Throws<DatabaseRefusedException>(() => PostgresDataSource.Complete("Host=db;Password=s3cret;Nonsense=7", new()));

        Assert.Contains("nonsense", refused.Message, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("s3cret", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fsync", "off")]
    [InlineData("full_page_writes", "off")]
    [InlineData("synchronous_commit", "off")]
    [InlineData("server_encoding", "LATIN1")]
    [InlineData("server_version_num", "140010")]
    [InlineData("max_connections", "20")]
    public void Refusal_SettingThatCouldLoseWrites_IsNamed(string name, string value)
    {
        Dictionary<string, string> settings = new()
        {
            ["fsync"] = "on", ["full_page_writes"] = "on", ["synchronous_commit"] = "on", ["server_encoding"] = "UTF8",
            ["server_version_num"] = "180004", ["max_connections"] = "100", ["superuser_reserved_connections"] = "3",
        };
        Assert.Null(PostgresSettings.Refusal(settings, poolSizeMax: 20));

        settings[name] = value;

        Assert.NotNull(PostgresSettings.Refusal(settings, poolSizeMax: 20));
    }

    [Fact]
    public async Task CheckAsync_SynchronousCommitOff_IsRefused()
    {
        await using var sound = PostgresDataSource.Create(database.ConnectionString, new(), Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        await PostgresSettings.CheckAsync(sound, CancellationToken.None);
        await using var own = await TestDatabase.CreateAsync();
        await Sql.ExecuteAsync(own.ConnectionString, $"ALTER DATABASE {own.Name} SET synchronous_commit = off");
        await using var unsound = PostgresDataSource.Create(own.ConnectionString, new(), Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);

        var refused = await Assert.ThrowsAsync<DatabaseRefusedException>(() => PostgresSettings.CheckAsync(unsound, CancellationToken.None));

        Assert.Contains("synchronous_commit", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Statement_LongerThanItsTimeout_IsEndedByTheServer()
    {
        await using var source = PostgresDataSource.Create(database.ConnectionString, new() { StatementTimeoutSeconds = 1 }, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        await using var command = source.CreateCommand("SELECT pg_sleep(60)");

        var ended = await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync());

        Assert.Equal(PostgresErrorCodes.QueryCanceled, ended.SqlState);
    }

    private static string OfMembership(string connectionString)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["ConnectionStrings:Warroom"] = connectionString, ["Cluster:Membership"] = "Database" });
        builder.AddWarroomClient();
        using var host = builder.Build();
        return host.Services.GetRequiredService<IOptions<AdoNetClusteringClientOptions>>().Value.ConnectionString;
    }
}
