using System.Text.RegularExpressions;
using Warroom.Frontend.Errors;
using Warroom.Testing;

namespace Warroom.Frontend.Tests.Support;

/// <summary>
/// The program as a process of its own. For tests that read metrics: OpenTelemetry joins the instruments of all hosts in one process and drops them when one of the hosts ends, so that figures of several hosts in this
/// process say nothing.
/// </summary>
internal sealed partial class WarroomProcess : IAsyncDisposable
{
    private readonly ProcessUnderTest _process;
    private readonly TestDatabase _database;

    private WarroomProcess(ProcessUnderTest process, TestDatabase database, Uri address)
    {
        _process = process;
        _database = database;
        Address = address;
        Http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(60) };
    }

    public Uri Address { get; }

    public HttpClient Http { get; }

    /// <summary>Starts it from a folder that has nothing to do with it, as a service manager would.</summary>
    public static async Task<WarroomProcess> StartAsync(params string[] arguments)
    {
        var database = await TestDatabase.CreateAsync();
        var process = ProcessUnderTest.Start(
            "dotnet",
            [typeof(Problem).Assembly.Location, "--urls", "http://127.0.0.1:0", .. arguments],
            new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                [PostgresServer.ConnectionStringVariable] = database.ConnectionString,
                ["Ollama__Endpoints__0"] = WarroomUnderTest.UnusedEndpoint(),
            });
        var line = await process.WaitForLineAsync("the program to listen", line => Listening().IsMatch(line), TimeSpan.FromSeconds(90));
        return new WarroomProcess(process, database, new Uri(Listening().Match(line).Groups["address"].Value));
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _process.DisposeAsync();
        await _database.DisposeAsync();
    }

    [GeneratedRegex("Now listening on: (?<address>http://127.0.0.1:[0-9]+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Listening();
}
