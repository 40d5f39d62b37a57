using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Orleans.Embedded.Membership;

internal sealed partial class MembershipService
{
    [LoggerMessage(1301, LogLevel.Information, "Silo {SiloName} at {SiloAddress} is active in view {Version} with {Members} members.")]
    private partial void LogActive(string siloName, SiloAddress siloAddress, long version, int members);

    [LoggerMessage(1302, LogLevel.Information, "View {Version} of the cluster: {Members}.")]
    private partial void LogView(long version, string members);

    [LoggerMessage(1303, LogLevel.Warning, "The membership's store could not be used; it is tried again.")]
    private partial void LogStoreFailed(Exception exception);

    [LoggerMessage(1308, LogLevel.Debug, "The membership's store does not say when something changes; heartbeats look meanwhile.")]
    private partial void LogNotFollowed(Exception exception);

    [LoggerMessage(1304, LogLevel.Warning, "Silo {SiloName} at {SiloAddress} has not renewed its lease for {Lease}: it was declared dead.")]
    private partial void LogDeclaredDead(string siloName, SiloAddress siloAddress, TimeSpan lease);

    [LoggerMessage(1309, LogLevel.Information, "Silo {SiloName} at {SiloAddress} has ended, because this silo listens in its place: it was declared dead without waiting for its lease.")]
    private partial void LogReplaced(string siloName, SiloAddress siloAddress);

    [LoggerMessage(1305, LogLevel.Error, "The lease of silo {SiloAddress} has run out: it serves nothing until it can renew it.")]
    private partial void LogLapsed(SiloAddress siloAddress);

    [LoggerMessage(1306, LogLevel.Information, "Silo {SiloAddress} has renewed its lease, nobody had declared it dead: it serves again.")]
    private partial void LogRegained(SiloAddress siloAddress);

    [LoggerMessage(1307, LogLevel.Warning, "Silo {SiloAddress} could not say that it leaves; the others notice when its lease has run out.")]
    private partial void LogNotLeft(SiloAddress siloAddress, Exception exception);
}
