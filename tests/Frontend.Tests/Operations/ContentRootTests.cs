using Warroom.Frontend.Hosting;

namespace Warroom.Frontend.Tests.Operations;

/// <summary>The program finds its settings and its page wherever it is started from.</summary>
public sealed class ContentRootTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("warroom-root-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Find_Published_IsTheProgramsFolder()
    {
        AddPage(_folder);
        Assert.Equal(_folder, ContentRoot.Find(_folder));
    }

    [Fact]
    public void Find_Checkout_IsTheProjectsFolder()
    {
        AddPage(_folder);
        Assert.Equal(_folder, ContentRoot.Find(Path.Combine(_folder, "bin", "Debug", "net10.0")));
    }

    [Fact]
    public void Find_NoPageAnywhere_IsTheProgramsFolder() => Assert.Equal(_folder, ContentRoot.Find(_folder));

    [Fact]
    public void Options_ContentRootNamed_IsLeftToTheName()
    {
        Assert.Null(ContentRoot.Options(["--contentRoot", "/srv"]).ContentRootPath);
        Assert.Null(ContentRoot.Options(["--contentroot=/srv"]).ContentRootPath);
        Assert.NotNull(ContentRoot.Options(["--urls", "http://127.0.0.1:0"]).ContentRootPath);
    }

    private static void AddPage(string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "wwwroot"));
        File.WriteAllText(Path.Combine(folder, "appsettings.json"), "{}");
    }
}
