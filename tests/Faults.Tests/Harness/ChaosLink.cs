using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;

using Warroom.Testing;

namespace Warroom.Faults.Harness;

/// <summary>One running tools/ChaosProxy: a link that the test can spoil.</summary>
public sealed partial class ChaosLink : IAsyncDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull };
    private readonly ProcessUnderTest _process;
    private readonly HttpClient _control;

    private ChaosLink(ProcessUnderTest process, int port, Uri control)
    {
        _process = process;
        Port = port;
        _control = new() { BaseAddress = control };
    }

    /// <summary>Where clients connect.</summary>
    public int Port { get; }

    /// <summary>Starts a link to a port of this machine.</summary>
    public static async Task<ChaosLink> StartAsync(int targetPort, int seed = 1)
    {
        var process = ProcessUnderTest.Start("dotnet", [Binaries.ChaosProxy, "--Listen=0", $"--Target=127.0.0.1:{targetPort}", $"--Seed={seed}", "--urls=http://127.0.0.1:0"]);
        try
        {
            var match = Ready().Match(await process.WaitForLineAsync("its ports", line => Ready().IsMatch(line)));
            return new(process, int.Parse(match.Groups["listen"].Value), new(match.Groups["control"].Value));
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Replaces what is wrong with the link (members of the proxy's <c>FaultPlan</c>).</summary>
    public Task<JsonElement> SetAsync(object plan) => SendAsync(HttpMethod.Put, "faults", JsonContent.Create(plan, options: Json));

    /// <summary>Nothing is wrong any more.</summary>
    public Task<JsonElement> HealAsync() => SendAsync(HttpMethod.Delete, "faults");

    /// <summary>Resets every connection there is.</summary>
    public Task<JsonElement> ResetAsync() => SendAsync(HttpMethod.Post, "rst");

    /// <summary>Inserts bytes that mean nothing.</summary>
    public Task<JsonElement> GarbageAsync(string direction, int bytes) => SendAsync(HttpMethod.Post, $"garbage?direction={direction}&bytes={bytes}");

    /// <summary>Ends one way of every connection.</summary>
    public Task<JsonElement> HalfCloseAsync(string direction) => SendAsync(HttpMethod.Post, $"half-close?direction={direction}");

    /// <summary>What it did so far.</summary>
    public Task<JsonElement> StateAsync() => SendAsync(HttpMethod.Get, "state");

    public async ValueTask DisposeAsync()
    {
        _control.Dispose();
        await _process.DisposeAsync();
    }

    private async Task<JsonElement> SendAsync(HttpMethod method, string path, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        using var response = await _control.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode ? JsonDocument.Parse(text).RootElement : throw new HttpRequestException($"{method} {path} answered {(int)response.StatusCode}: {text}");
    }

    [GeneratedRegex("^ready listen=(?<listen>[0-9]+) control=(?<control>http://[0-9.:]+)$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Ready();
}
