using Warroom.Testing;

namespace Warroom.Faults.Harness;

/// <summary>An ext4 file system in a file: what the file holds at any moment is what a disk would hold if the power went. Needs root and loop devices.</summary>
public sealed class LoopDisk : IAsyncDisposable
{
    private readonly string _image;

    private LoopDisk(string image, string folder)
    {
        _image = image;
        Folder = folder;
    }

    /// <summary>Where it is mounted.</summary>
    public string Folder { get; }

    /// <summary>Why there can be none here; null if there can.</summary>
    public static async Task<string?> ReasonAgainstAsync()
    {
        if (!string.Equals(Environment.UserName, "root", StringComparison.Ordinal))
            return "mounting a file system needs root";
        foreach (var tool in (string[])["mkfs.ext4", "losetup", "mount", "umount"])
        {
            if (await CodeAsync("sh", "-c", $"command -v {tool}") != 0)
                return $"{tool} is not here (Debian: e2fsprogs, mount)";
        }

        try
        {
            await using var disk = await MakeAsync(64);
            return null;
        }
        catch (InvalidOperationException exception)
        {
            return $"loop devices cannot be mounted here: {exception.Message}";
        }
    }

    /// <summary>Makes one of so many MiB; the file is as large as what is in it.</summary>
    public static async Task<LoopDisk> MakeAsync(int megabytes)
    {
        var image = NewPath();
        await RunAsync("truncate", "-s", $"{megabytes}M", image);
        await RunAsync("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", image);
        return await MountAsync(image);
    }

    /// <summary>Writes to the disk what programs that do not care for it have written (settings, passwords): what the database writes is the database's own affair, so this comes before the work begins.</summary>
    public Task FlushAsync() => RunAsync("sync", "-f", Folder);

    /// <summary>What the disk would hold if the power went now: a copy of the file, to be mounted later.</summary>
    public async Task<string> CopyImageAsync()
    {
        var copy = NewPath();
        await RunAsync("cp", "--sparse=always", _image, copy);
        return copy;
    }

    /// <summary>Mounts an image. The file system's journal is replayed then, as after a power cut.</summary>
    public static async Task<LoopDisk> MountAsync(string image)
    {
        var folder = $"{image}.mount";
        Directory.CreateDirectory(folder);
        try
        {
            await RunAsync("mount", "-o", "loop", image, folder);
        }
        catch
        {
            File.Delete(image);
            Directory.Delete(folder);
            throw;
        }

        return new(image, folder);
    }

    public async ValueTask DisposeAsync()
    {
        await Eventually.HoldsAsync($"{Folder} to be unmounted", async () => await CodeAsync("umount", Folder) == 0);
        Directory.Delete(Folder);
        File.Delete(_image);
    }

    private static string NewPath() => Path.Combine(Path.GetTempPath(), $"warroom-disk-{Guid.NewGuid():N}"[..25]);

    internal static async Task<int> CodeAsync(string name, params string[] arguments)
    {
        await using var process = ProcessUnderTest.Start(name, arguments);
        return await process.WaitForExitAsync($"{name} {string.Join(' ', arguments)}", TimeSpan.FromMinutes(1));
    }

    internal static async Task RunAsync(string name, params string[] arguments)
    {
        await using var process = ProcessUnderTest.Start(name, arguments);
        if (await process.WaitForExitAsync($"{name} {string.Join(' ', arguments)}", TimeSpan.FromMinutes(1)) != 0)
            throw new InvalidOperationException($"{name} {string.Join(' ', arguments)}: {string.Join(' ', process.Lines)}");
    }
}
