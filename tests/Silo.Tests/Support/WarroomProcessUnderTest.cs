using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Warroom.Frontend.Errors;
using Warroom.Testing;

namespace Warroom.Silo.Tests.Support;

/// <summary>A silo or a front end as a process of its own, on ports that the system chose.</summary>
internal sealed partial class WarroomProcessUnderTest : IAsyncDisposable
{
    public const string Secret = "a secret for tests, 32 characters";

    private WarroomProcessUnderTest(ProcessUnderTest process, Uri address)
    {
        Process = process;
        Address = address;
        Http = new HttpClient { BaseAddress = address, Timeout = Eventually.Timeout };
    }

    public ProcessUnderTest Process { get; }

    public Uri Address { get; }

    public HttpClient Http { get; }

    /// <summary>A silo in the cluster that the database holds.</summary>
    public static Task<WarroomProcessUnderTest> StartSiloAsync(TestDatabase database, params (string Name, string Value)[] settings) =>
        StartAsync(typeof(WarroomSilo).Assembly.Location, database, [("Cluster__SiloPort", FreePort()), ("Cluster__GatewayPort", FreePort()), .. settings]);

    /// <summary>A front end; with its silo in the process unless the settings say otherwise.</summary>
    public static Task<WarroomProcessUnderTest> StartFrontendAsync(TestDatabase database, params (string Name, string Value)[] settings) =>
        StartAsync(typeof(Problem).Assembly.Location, database, settings);

    /// <summary>Starts a silo that is expected to end by itself.</summary>
    public static ProcessUnderTest StartRefusedSilo(string connectionString, params (string Name, string? Value)[] settings) =>
        Start(typeof(WarroomSilo).Assembly.Location, connectionString, settings);

    public static string FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return $"{((IPEndPoint)listener.LocalEndpoint).Port}";
    }

    public async Task<(HttpStatusCode Status, JsonElement Body)> GetAsync(string path)
    {
        using var response = await Http.GetAsync(path);
        return (response.StatusCode, JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync()));
    }

    /// <summary>The event ids of its log between two numbers, in order.</summary>
    public IReadOnlyList<int> EventIds(int first, int last) =>
        [.. Process.Lines.Select(line => EventId().Match(line)).Where(match => match.Success).Select(match => int.Parse(match.Groups["id"].Value)).Where(id => id >= first && id <= last)];

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Process.DisposeAsync();
    }

    private static async Task<WarroomProcessUnderTest> StartAsync(string program, TestDatabase database, (string Name, string Value)[] settings)
    {
        var process = Start(program, database.ConnectionString, [.. settings.Select(setting => (setting.Name, (string?)setting.Value))]);
        try
        {
            var line = await process.WaitForLineAsync("the program to listen", line => Listening().IsMatch(line), TimeSpan.FromSeconds(90));
            return new(process, new Uri(Listening().Match(line).Groups["address"].Value));
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    private static ProcessUnderTest Start(string program, string connectionString, (string Name, string? Value)[] settings)
    {
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            [PostgresServer.ConnectionStringVariable] = connectionString,
            ["Cluster__Secret"] = Secret,
            ["Ollama__Endpoints__0"] = $"http://127.0.0.1:{FreePort()}",
        };
        foreach (var (name, value) in settings)
        {
            environment[name] = value;
        }

        return ProcessUnderTest.Start("dotnet", [program, "--urls", "http://127.0.0.1:0"], environment);
    }

    [GeneratedRegex("Now listening on: (?<address>http://127.0.0.1:[0-9]+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Listening();

    [GeneratedRegex("\"EventId\":(?<id>[0-9]+)", RegexOptions.ExplicitCapture)]
    private static partial Regex EventId();
}
