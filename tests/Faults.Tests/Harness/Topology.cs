using System.Globalization;

using Npgsql;

using Warroom.Testing;

namespace Warroom.Faults.Harness;

/// <summary>What runs.</summary>
public sealed record TopologyOptions
{
    /// <summary>Silos in processes of their own; 0: each front end has its silo with it.</summary>
    public int Silos { get; init; }

    /// <summary>Front ends. More than one without silos know nothing of each other, and fight for every incident.</summary>
    public int FrontEnds { get; init; } = 1;

    /// <summary>Whether a proxy stands between each process and the database.</summary>
    public bool Proxied { get; init; }

    /// <summary>Whether each process is a host of its own in a network of the test's, so that it can be cut off.</summary>
    public bool Networked { get; init; }

    /// <summary>Guards that are switched off, comma-separated; then the processes are those of configuration <c>Mutated</c>.</summary>
    public string? Mutation { get; init; }

    /// <summary>Settings of all processes (<c>Section__Name</c>).</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Processes whose wall clock a file tells (libfaketime), by name. The monotonic clock stays.</summary>
    public IReadOnlyDictionary<string, string> ClockFiles { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Added to the connection string.</summary>
    public string Connection { get; init; } = "";

    /// <summary>Where the database's files are.</summary>
    public string? DatabaseFolder { get; init; }

    /// <summary>Lines for postgresql.conf.</summary>
    public IReadOnlyList<string> DatabaseSettings { get; init; } = [];

    public int Seed { get; init; } = 1;
}

/// <summary>A whole Warroom of real processes: a database of its own, the simulated model, silos, front ends, and a spoilable link from each to the database where asked for.</summary>
public sealed class Topology : IAsyncDisposable
{
    private const string Database = "warroom_faults";
    private readonly List<ChaosLink> _links = [];
    private readonly List<WarroomProcess> _silos = [];
    private readonly List<WarroomProcess> _frontEnds = [];
    private readonly Dictionary<WarroomProcess, ChaosLink> _linkOf = [];

    private Topology(TopologyOptions options, PostgresProcess postgres, TestNetwork? network)
    {
        Options = options;
        Postgres = postgres;
        Network = network;
    }

    /// <summary>With <see cref="TopologyOptions.Networked"/>: the network.</summary>
    public TestNetwork? Network { get; }

    public TopologyOptions Options { get; }

    public PostgresProcess Postgres { get; }

    public WarroomProcess Model { get; private set; } = null!;

    public IReadOnlyList<WarroomProcess> Silos => _silos;

    public IReadOnlyList<WarroomProcess> FrontEnds => _frontEnds;

    /// <summary>All processes that hold grains.</summary>
    public IReadOnlyList<WarroomProcess> Owners => _silos.Count > 0 ? _silos : _frontEnds;

    /// <summary>All processes of Warroom.</summary>
    public IEnumerable<WarroomProcess> All => _silos.Concat(_frontEnds);

    /// <summary>The database past every proxy, for what the test itself asks.</summary>
    public string DirectConnection => new NpgsqlConnectionStringBuilder(Postgres.Superuser) { Database = Database }.ConnectionString;

    /// <summary>The link between a process and the database.</summary>
    public ChaosLink LinkOf(WarroomProcess process) => _linkOf[process];

    public static async Task<Topology> StartAsync(TopologyOptions options)
    {
        var network = options.Networked ? await TestNetwork.MakeAsync() : null;
        string[] listen = network is null ? [] : [$"listen_addresses = '127.0.0.1,{network.Here}'"];
        var topology = new Topology(options, await PostgresProcess.StartAsync(options.DatabaseFolder, [.. listen, .. options.DatabaseSettings]), network);
        try
        {
            await topology.StartAsync();
            return topology;
        }
        catch
        {
            await topology.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until every process is ready again; those that ended by themselves (a silo that was fenced) are started again, as a supervisor would.</summary>
    public async Task AllReadyAsync()
    {
        foreach (var process in All)
            await process.ReadyAgainAsync();
    }

    /// <summary>Starts processes that have ended again, until cancelled: a supervisor.</summary>
    public async Task SuperviseAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                foreach (var process in All.Where(process => !process.IsRunning))
                    process.Launch();
                await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Nobody needs it any more.
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in All)
            await process.DisposeAsync();
        if (Model is not null)
            await Model.DisposeAsync();
        foreach (var link in _links)
            await link.DisposeAsync();
        await Postgres.DisposeAsync();
        if (Network is not null)
            await Network.DisposeAsync();
    }

    private string Here => Network?.Here ?? "127.0.0.1";

    private async Task StartAsync()
    {
        if (Network is not null)
        {
            await File.AppendAllLinesAsync(Path.Combine(Postgres.Data, "pg_hba.conf"), ["host all all 10.77.0.0/16 scram-sha-256"]);
            await Postgres.ExecuteAsync("SELECT pg_reload_conf()");
        }

        await Postgres.ExecuteAsync($"CREATE DATABASE {Database} OWNER warroom");
        var port = Ports.Free();
        Model = new("ollama-sim", "dotnet", [Binaries.OllamaSim, "--urls", $"http://{Here}:{port}", "--Sim:AllowRemote=true"], new(StringComparer.Ordinal), port, Here);
        Model.Launch();
        var secret = Convert.ToHexString(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32));
        for (var number = 1; number <= Options.Silos; number++)
            _silos.Add(await MakeAsync($"silo{number}", isSilo: true, secret));
        for (var number = 1; number <= Options.FrontEnds; number++)
            _frontEnds.Add(await MakeAsync($"fe{number}", isSilo: false, secret));

        // The first brings the schema up to date, and the triggers need it.
        var first = All.First();
        await first.StartAsync();
        await FinalRead.InstallAsync(DirectConnection);
        foreach (var process in All.Skip(1))
            process.Launch();
        foreach (var process in All)
            await process.ReadyAsync();
    }

    private async Task<WarroomProcess> MakeAsync(string name, bool isSilo, string secret)
    {
        var port = Ports.Free();
        var address = Network is null ? Here : await Network.AddHostAsync(name);
        var environment = await EnvironmentAsync(secret, address);
        var mutated = Options.Mutation is not null;
        string[] arguments = isSilo
            ? [Binaries.Silo(mutated), "--urls", $"http://{address}:{port}"]
            : [Binaries.Frontend(mutated), "--contentRoot", Binaries.FrontendFolder, "--urls", $"http://{address}:{port}", .. Network is null ? Array.Empty<string>() : ["--insecure"]];
        if (Options.ClockFiles.TryGetValue(name, out var clock))
        {
            environment["LD_PRELOAD"] = Rows.ClusterFaults.FaketimeLibrary;
            environment["FAKETIME_TIMESTAMP_FILE"] = clock;
            environment["FAKETIME_NO_CACHE"] = "1";
            environment["FAKETIME_DONT_FAKE_MONOTONIC"] = "1";
        }

        if (!isSilo)
            environment["Cluster__Role"] = Options.Silos > 0 ? "Client" : "All";
        var process = Network is null
            ? new WarroomProcess(name, "dotnet", arguments, environment.Environment, port, address)
            : new WarroomProcess(name, "ip", [.. Network.Prefix(name), "dotnet", .. arguments], environment.Environment, port, address);
        if (environment.Link is { } link)
            _linkOf.Add(process, link);
        return process;
    }

    private async Task<ProcessEnvironment> EnvironmentAsync(string secret, string address)
    {
        ChaosLink? link = null;
        if (Options.Proxied)
            _links.Add(link = await ChaosLink.StartAsync(Postgres.Port, Options.Seed + _links.Count));
        var connection = new NpgsqlConnectionStringBuilder(Postgres.Superuser) { Database = Database, Pooling = true, Host = Here, Port = link?.Port ?? Postgres.Port, SslMode = SslMode.Disable };
        connection.Remove("Timeout");
        var environment = new ProcessEnvironment(link)
        {
            ["ConnectionStrings__Warroom"] = $"{connection.ConnectionString};{Options.Connection}",
            ["Ollama__Endpoints__0"] = Model.Address.GetLeftPart(UriPartial.Authority),
            ["Cluster__Secret"] = secret,
            ["Cluster__SiloPort"] = Ports.Free().ToString(CultureInfo.InvariantCulture),
            ["Cluster__GatewayPort"] = Ports.Free().ToString(CultureInfo.InvariantCulture),
            ["Cluster__AdvertisedAddress"] = address,
            ["WARROOM_MUTATION"] = Options.Mutation,
            // In a network of the test's, everybody comes from one address that is not loopback.
            ["Warroom__RequestsPerMinute"] = "3000000",
            ["Warroom__WebhooksPerMinute"] = "3000000",
            // What a bug leaves behind must be seen, and by nobody's settings be hidden.
            ["Logging__LogLevel__Default"] = "Information",
        };
        if (Network is not null)
        {
            // All clients have one address, which is not loopback's.
            environment["Warroom__RequestsPerMinute"] = "3000000";
            environment["Warroom__WebhooksPerMinute"] = "3000000";
        }

        foreach (var (key, value) in Options.Settings)
            environment[key] = value;
        return environment;
    }

    private sealed class ProcessEnvironment(ChaosLink? link)
    {
        public ChaosLink? Link { get; } = link;

        public Dictionary<string, string?> Environment { get; } = new(StringComparer.Ordinal);

        public string? this[string name]
        {
            set => Environment[name] = value;
        }
    }
}
