using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Warroom.Faults.Harness;

/// <summary>Ports of processes that are killed and come back at the same place.</summary>
internal static class Ports
{
    // Below those that the system gives to outgoing connections (32,768 to 60,999 on Linux): one of them could take the port while its process is dead.
    private const int First = 20_000;
    private const int Last = 32_000;

    /// <summary>One that is free now.</summary>
    public static int Free()
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(First, Last);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken: another.
            }
        }
    }
}
