using System.Net;
using System.Net.Sockets;

using Warroom.Testing;

namespace Warroom.EndToEnd.Harness;

/// <summary>Where the programs under test are: built beside this assembly, in the same configuration.</summary>
internal static class Binaries
{
    // tests/EndToEnd.Tests/bin/<configuration>/net10.0
    private static readonly string Configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    public static string FrontendFolder => Path.Combine(Repository.Root, "src", "Frontend");

    public static string Frontend => Built("src/Frontend", "Warroom.Frontend.dll");

    public static string Silo => Built("src/Silo", "Warroom.Silo.dll");

    public static string OllamaSim => Built("tools/OllamaSim", "Warroom.OllamaSim.dll");

    /// <summary>Logs and pictures of failed tests go here.</summary>
    public static string Results
    {
        get
        {
            var folder = Path.Combine(Repository.Root, "TestResults", "EndToEnd");
            Directory.CreateDirectory(folder);
            return folder;
        }
    }

    /// <summary>A loopback port that is free now. A process under test needs the same one again after a restart, so it cannot ask for port 0.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string Built(string project, string file)
    {
        var path = Path.Combine(Repository.Root, project, "bin", Configuration, "net10.0", file);
        return File.Exists(path) ? path : throw new FileNotFoundException($"{path} is not built. ./test builds it, or: dotnet build Orleans.sln -c {Configuration}", path);
    }
}
