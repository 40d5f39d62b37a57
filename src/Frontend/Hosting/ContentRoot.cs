namespace Warroom.Frontend.Hosting;

/// <summary>Where <c>appsettings.json</c> and <c>wwwroot</c> are. Not the folder that the process happens to be started from: a service manager starts it from anywhere.</summary>
internal static class ContentRoot
{
    private const string PagesFolder = "wwwroot";

    /// <summary>The arguments, with a content root unless they or the environment name one.</summary>
    public static WebApplicationOptions Options(string[] arguments) => new()
    {
        Args = arguments,
        ContentRootPath = IsNamed(arguments) ? null : Find(AppContext.BaseDirectory),
    };

    /// <summary>The folder of the program if it was published with its page; in a checkout, where it lies in <c>bin/configuration/framework</c>, the project's; otherwise the program's.</summary>
    public static string Find(string programFolder)
    {
        if (HasPages(programFolder))
        {
            return programFolder;
        }

        var project = Path.GetFullPath(Path.Combine(programFolder, "..", "..", ".."));
        return HasPages(project) ? project : programFolder;
    }

    private static bool HasPages(string folder) => Directory.Exists(Path.Combine(folder, PagesFolder)) && File.Exists(Path.Combine(folder, "appsettings.json"));

    private static bool IsNamed(string[] arguments) =>
        Array.Exists(arguments, argument => argument.TrimStart('-', '/').StartsWith(HostDefaults.ContentRootKey, StringComparison.OrdinalIgnoreCase))
        || Environment.GetEnvironmentVariable("ASPNETCORE_CONTENTROOT") is not null
        || Environment.GetEnvironmentVariable("DOTNET_CONTENTROOT") is not null;
}
