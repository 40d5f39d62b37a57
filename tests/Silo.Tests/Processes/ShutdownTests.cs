using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Warroom.Silo.Tests.Support;
using Warroom.Testing;

namespace Warroom.Silo.Tests.Processes;

/// <summary>SIGTERM on real processes: the order of PROMISES 57.</summary>
public sealed class ShutdownTests : DatabaseTests
{
    private static readonly int[] InOrder = [2400, 2401, 2402, 2410];

    [Fact]
    public async Task Silo_SigTerm_IsNotReadyThenHandsOverThenEndsWithZero()
    {
        await using var silo = await WarroomProcessUnderTest.StartSiloAsync(Database, ("Shutdown__NotReadyTime", "00:00:02"));
        foreach (var path in (string[])["health", "live", "startup", "ready"])
        {
            await Eventually.HoldsAsync($"{path} to be well", async () => (await silo.GetAsync(path)).Status == HttpStatusCode.OK);
        }

        Assert.Contains("process_resident_memory_bytes", await silo.Http.GetStringAsync("metrics"), StringComparison.Ordinal);

        silo.Process.SendTerminate();

        await Eventually.HoldsAsync("/ready to say no while it still answers", async () => (await silo.GetAsync("ready")).Status == HttpStatusCode.ServiceUnavailable);
        Assert.Equal(HttpStatusCode.OK, (await silo.GetAsync("live")).Status);
        Assert.Equal(0, await silo.Process.WaitForExitAsync("after SIGTERM"));
        Assert.Equal(InOrder, silo.EventIds(2400, 2499));

        // The silo has handed over before the pool closed and after it stopped accepting.
        var order = silo.EventIds(1000, 2499);
        Assert.True(Last(order, 2402) < Last(order, 1102) && Last(order, 1102) < Last(order, 2410), $"The order was {string.Join(' ', order)}.");
    }

    [Fact]
    public async Task Frontend_SigTerm_FinishesWhatIsInFlightAndTellsPagesToReconnect()
    {
        await using var frontend = await WarroomProcessUnderTest.StartFrontendAsync(Database, ("Shutdown__NotReadyTime", "00:00:02"));
        await Eventually.HoldsAsync("it to be ready", async () => (await frontend.GetAsync("ready")).Status == HttpStatusCode.OK);
        using var page = await ConnectAsync(frontend.Address);
        using var slow = await SlowRequest.BeginAsync(frontend.Address);

        frontend.Process.SendTerminate();

        await Eventually.HoldsAsync("/ready to say no while it still answers", async () => (await frontend.GetAsync("ready")).Status == HttpStatusCode.ServiceUnavailable);
        await frontend.Process.WaitForLineAsync("it to stop accepting", line => line.Contains("\"EventId\":2401", StringComparison.Ordinal));
        Assert.Equal("""{"type":7,"allowReconnect":true}""", await ReadAsync(page));
        var (status, problem) = await frontend.GetAsync("api/services");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "warroom.leaving"), (status, problem.GetProperty("code").GetString()));
        Assert.False(frontend.Process.HasExited);
        Assert.StartsWith("HTTP/1.1 201 Created", await slow.FinishAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await frontend.Process.WaitForExitAsync("after the request has finished"));
        Assert.Equal(InOrder, frontend.EventIds(2400, 2419));
    }

    [Fact]
    public async Task Frontend_RequestThatNeverEnds_IsCutAndItEndsAllTheSame()
    {
        await using var frontend = await WarroomProcessUnderTest.StartFrontendAsync(Database, ("Shutdown__DrainTime", "00:00:01"));
        await Eventually.HoldsAsync("it to be ready", async () => (await frontend.GetAsync("ready")).Status == HttpStatusCode.OK);
        using var slow = await SlowRequest.BeginAsync(frontend.Address);

        frontend.Process.SendTerminate();

        Assert.Equal(0, await frontend.Process.WaitForExitAsync("after the request was cut"));
        Assert.Equal([2400, 2401, 2403, 2410], frontend.EventIds(2400, 2419));
    }

    [Theory]
    [InlineData("Cluster__Secret", null, "at least 16")]
    [InlineData("Cluster__Secret", "short", "at least 16")]
    [InlineData("Cluster__AdvertisedAddress", "silo.example", "it must be an IP address")]
    public async Task Silo_WrongSetting_SaysWhatToDoAndEndsWithOne(string name, string? value, string expected)
    {
        await using var silo = WarroomProcessUnderTest.StartRefusedSilo(Database.ConnectionString, (name, value));
        Assert.Equal(1, await silo.WaitForExitAsync("after it refused to start"));
        Assert.Contains(silo.Lines, line => line.Contains(expected, StringComparison.Ordinal));
    }

    private static int Last(IReadOnlyList<int> ids, int id) => ids.ToList().LastIndexOf(id);

    private static async Task<ClientWebSocket> ConnectAsync(Uri address)
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://{address.Authority}/hubs/warroom"), CancellationToken.None);
        await socket.SendAsync("{\"protocol\":\"json\",\"version\":1}\u001e"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        Assert.Equal("{}", await ReadAsync(socket));
        return socket;
    }

    /// <summary>The next message that is no ping; of several in one frame the first.</summary>
    private static async Task<string> ReadAsync(ClientWebSocket socket)
    {
        var buffer = new byte[4096];
        using var timeout = new CancellationTokenSource(Eventually.Timeout);
        while (true)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(), timeout.Token);
            var text = Encoding.UTF8.GetString(buffer, 0, read.Count).Split('\u001e')[0];
            if (text != """{"type":6}""")
            {
                return text;
            }
        }
    }

    /// <summary>Opens an incident with a body that comes in two halves.</summary>
    private sealed class SlowRequest(TcpClient client) : IDisposable
    {
        private const string Body = """{"title":"In flight","severity":"high"}""";

        public static async Task<SlowRequest> BeginAsync(Uri address)
        {
            var client = new TcpClient();
            await client.ConnectAsync(address.Host, address.Port);
            var request = $"POST /api/incidents HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Type: application/json\r\nContent-Length: {Body.Length}\r\n\r\n{Body[..10]}";
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
            return new(client);
        }

        public async Task<string> FinishAsync()
        {
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(Body[10..]));
            using var reader = new StreamReader(client.GetStream());
            return await reader.ReadLineAsync() ?? "";
        }

        public void Dispose() => client.Dispose();
    }
}
