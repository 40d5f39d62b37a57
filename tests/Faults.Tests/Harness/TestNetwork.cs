using System.Globalization;

namespace Warroom.Faults.Harness;

/// <summary>
/// A network of this test's own: a bridge, and a namespace with an address for each process, whose cable can be pulled. Needs root. Names carry a number of this run, so that runs do not meet.
/// </summary>
public sealed class TestNetwork : IAsyncDisposable
{
    private readonly int _number;
    private readonly List<string> _hosts = [];

    private TestNetwork(int number) => _number = number;

    /// <summary>Where this test and what is not in a namespace can be reached.</summary>
    public string Here => Address(1);

    private string Bridge => $"wf{_number}br";

    /// <summary>Why there can be none here; null if there can.</summary>
    public static async Task<string?> ReasonAgainstAsync()
    {
        if (!string.Equals(Environment.UserName, "root", StringComparison.Ordinal))
            return "network namespaces need root";
        try
        {
            await using var network = await MakeAsync();
            await network.AddHostAsync("probe");
            return null;
        }
        catch (InvalidOperationException exception)
        {
            return exception.Message;
        }
    }

    public static async Task<TestNetwork> MakeAsync()
    {
        // The first number whose bridge is not there yet.
        for (var number = 1; number < 250; number++)
        {
            var network = new TestNetwork(number);
            if (await LoopDisk.CodeAsync("ip", "link", "add", network.Bridge, "type", "bridge") != 0)
                continue;
            try
            {
                await LoopDisk.RunAsync("ip", "addr", "add", $"{network.Here}/24", "dev", network.Bridge);
                await LoopDisk.RunAsync("ip", "link", "set", network.Bridge, "up");
                return network;
            }
            catch
            {
                await network.DisposeAsync();
                throw;
            }
        }

        throw new InvalidOperationException("no bridge can be made");
    }

    /// <summary>Adds a host and returns its address.</summary>
    public async Task<string> AddHostAsync(string name)
    {
        _hosts.Add(name);
        var address = Address(9 + _hosts.Count);
        await LoopDisk.RunAsync("ip", "netns", "add", Namespace(name));
        await LoopDisk.RunAsync("ip", "link", "add", "e0", "netns", Namespace(name), "type", "veth", "peer", "name", Cable(name));
        await LoopDisk.RunAsync("ip", "link", "set", Cable(name), "master", Bridge, "up");
        await LoopDisk.RunAsync("ip", "-n", Namespace(name), "link", "set", "lo", "up");
        await LoopDisk.RunAsync("ip", "-n", Namespace(name), "addr", "add", $"{address}/24", "dev", "e0");
        await LoopDisk.RunAsync("ip", "-n", Namespace(name), "link", "set", "e0", "up");
        return address;
    }

    /// <summary>What runs a command on a host: the command's process is the host's.</summary>
    public IReadOnlyList<string> Prefix(string name) => ["netns", "exec", Namespace(name)];

    /// <summary>Pulls a host's cable: nothing goes out and nothing comes in.</summary>
    public Task CutAsync(string name) => LoopDisk.RunAsync("ip", "link", "set", Cable(name), "down");

    /// <summary>Plugs it in again.</summary>
    public Task JoinAsync(string name) => LoopDisk.RunAsync("ip", "link", "set", Cable(name), "up");

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
            await LoopDisk.CodeAsync("ip", "netns", "del", Namespace(host));
        await LoopDisk.CodeAsync("ip", "link", "del", Bridge);
    }

    private string Address(int host) => string.Create(CultureInfo.InvariantCulture, $"10.77.{_number}.{host}");

    private string Namespace(string name) => $"wf{_number}-{name}";

    private string Cable(string name) => $"wf{_number}{name}";
}
