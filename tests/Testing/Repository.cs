namespace Warroom.Testing;

/// <summary>Where the checkout lies that the running tests were built from.</summary>
public static class Repository
{
    /// <summary>The folder that holds <c>Orleans.sln</c>.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Orleans.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} holds Orleans.sln; the tests must run from the checkout's bin folders.");
    }
}
