using System.Net;

namespace Orleans.Embedded.Membership;

/// <summary>
/// Which network this process is in, such that no two networks have the same name: the machine as it has been running since its start, and the network within it.
/// Linux only; elsewhere it cannot be told.
/// </summary>
/// <param name="Name">The network's name; null if it cannot be told.</param>
/// <remarks>
/// In one network of one machine a port of an address is listened at by one process at a time (nobody here sets SO_REUSEPORT). The kernel tells the networks of a machine apart by numbers that it uses
/// again only when the network is gone, with all processes in it; machines, and the lives of a machine, differ by the kernel's boot id. Two containers with one address, or two machines that
/// both advertise the loopback address, are two networks.
/// </remarks>
internal sealed record NetworkHost(string? Name)
{
    private const string BootId = "/proc/sys/kernel/random/boot_id";
    private const string Network = "/proc/self/ns/net";

    /// <summary>The network of this process.</summary>
    public static NetworkHost Read()
    {
        try
        {
            return Guid.TryParse(File.ReadAllText(BootId), out var boot) && boot != Guid.Empty && new FileInfo(Network).LinkTarget is { Length: > 0 } network
                ? new($"{boot:N} {network}") : new((string?)null);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new((string?)null);
        }
    }

    /// <summary>A place in this network at which one process at a time can listen; null if the network cannot be told.</summary>
    public string? Place(IPEndPoint bound) => Name is null ? null : $"{Name} {bound}";
}
