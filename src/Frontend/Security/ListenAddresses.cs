using System.Net;
using Microsoft.AspNetCore.Http;

namespace Warroom.Frontend.Security;

/// <summary>Until somebody can sign in, only this machine may reach Warroom.</summary>
internal static class ListenAddresses
{
    /// <summary>Where it listens unless told otherwise.</summary>
    public const string Default = "http://127.0.0.1:8000";

    /// <summary>Whether any address is configured.</summary>
    public static bool AreConfigured(IConfiguration configuration) => Configured(configuration).Any();

    /// <summary>The sentence that refuses the start, or <see langword="null"/> if all configured addresses are this machine's own.</summary>
    public static string? Refuse(IConfiguration configuration, bool insecure)
    {
        if (insecure)
        {
            return null;
        }

        var open = Configured(configuration).FirstOrDefault(address => !IsLoopback(address));
        return open is null
            ? null
            : $"Warroom does not listen on {open}: others could reach it there, and nobody has to sign in yet. Listen on 127.0.0.1 (behind a proxy that authenticates, if others must reach it), or accept the risk with --insecure.";
    }

    /// <summary>Whether an address to listen on is this machine's own. A name other than localhost makes Kestrel listen on all addresses, so it is not.</summary>
    public static bool IsLoopback(string address)
    {
        try
        {
            var parsed = BindingAddress.Parse(address);
            return parsed.IsUnixPipe || IsLoopbackHost(parsed.Host);
        }
        catch (FormatException)
        {
            return false;
        }
    }

    /// <summary>Whether a host name or address, as a <c>Host</c> header or an address to listen on has it, is this machine's own.</summary>
    public static bool IsLoopbackHost(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.AsSpan().Trim("[]"), out var address) && IPAddress.IsLoopback(address));

    private static IEnumerable<string> Configured(IConfiguration configuration)
    {
        foreach (var url in Split(configuration[WebHostDefaults.ServerUrlsKey]))
        {
            yield return url;
        }

        foreach (var port in Split(configuration[WebHostDefaults.HttpPortsKey]).Concat(Split(configuration[WebHostDefaults.HttpsPortsKey])))
        {
            yield return $"http://*:{port}";
        }

        foreach (var endpoint in configuration.GetSection("Kestrel:Endpoints").GetChildren())
        {
            if (endpoint["Url"] is { } url)
            {
                yield return url;
            }
        }
    }

    private static string[] Split(string? value) => value?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}
