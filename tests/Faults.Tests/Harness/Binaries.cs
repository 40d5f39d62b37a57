using Warroom.Testing;

namespace Warroom.Faults.Harness;

/// <summary>Where the programs under test are: built beside this assembly, in the same configuration, or in configuration <c>Mutated</c>, in which single guards can be switched off.</summary>
internal static class Binaries
{
    // tests/Faults.Tests/bin/<configuration>/net10.0
    private static readonly string Configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    public static string FrontendFolder => Path.Combine(Repository.Root, "src", "Frontend");

    public static string OllamaSim => Built("tools/OllamaSim", "Warroom.OllamaSim.dll", Configuration);

    public static string ChaosProxy => Built("tools/ChaosProxy", "Warroom.ChaosProxy.dll", Configuration);

    /// <summary>Histories, logs and the table go here.</summary>
    public static string Results
    {
        get
        {
            var folder = Path.Combine(Repository.Root, "TestResults", "Faults");
            Directory.CreateDirectory(folder);
            return folder;
        }
    }

    public static string Frontend(bool mutated) => Built("src/Frontend", "Warroom.Frontend.dll", mutated ? "Mutated" : Configuration);

    public static string Silo(bool mutated) => Built("src/Silo", "Warroom.Silo.dll", mutated ? "Mutated" : Configuration);

    private static string Built(string project, string file, string configuration)
    {
        var path = Path.Combine(Repository.Root, project, "bin", configuration, "net10.0", file);
        return File.Exists(path) ? path : throw new FileNotFoundException($"{path} is not built. ./test --faults builds it, or: dotnet build {project} -c {configuration}", path);
    }
}
