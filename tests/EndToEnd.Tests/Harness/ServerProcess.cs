using System.Net.Http;

using Warroom.Testing;

namespace Warroom.EndToEnd.Harness;

/// <summary>
/// A server that runs as a real process on a port of its own, and can be killed and started again on the same port. What it printed in all its
/// lives is written to TestResults when it is disposed.
/// </summary>
public sealed class ServerProcess : IAsyncDisposable
{
    private readonly string _name;
    private readonly string _fileName;
    private readonly IReadOnlyList<string> _arguments;
    private readonly IReadOnlyDictionary<string, string?> _environment;
    private readonly string _readyPath;
    private readonly string? _workingDirectory;
    private readonly List<string> _log = [];
    private ProcessUnderTest? _process;

    private ServerProcess(
        string name,
        int port,
        string fileName,
        IReadOnlyList<string> arguments,
        IReadOnlyDictionary<string, string?> environment,
        string readyPath,
        string? workingDirectory)
    {
        _name = name;
        _fileName = fileName;
        _arguments = arguments;
        _environment = environment;
        _readyPath = readyPath;
        _workingDirectory = workingDirectory;
        Address = new Uri($"http://127.0.0.1:{port}/");
        Http = new HttpClient { BaseAddress = Address, Timeout = Eventually.Timeout };
    }

    /// <summary>Where it answers, with a slash at the end.</summary>
    public Uri Address { get; }

    /// <summary>A client for it.</summary>
    public HttpClient Http { get; }

    /// <summary>The running process.</summary>
    public ProcessUnderTest Process => _process ?? throw new InvalidOperationException($"{_name} is not running.");

    /// <summary>Starts a server and waits until it answers its ready path with success.</summary>
    public static async Task<ServerProcess> StartAsync(
        string name,
        int port,
        string fileName,
        IReadOnlyList<string> arguments,
        IReadOnlyDictionary<string, string?> environment,
        string readyPath,
        string? workingDirectory = null)
    {
        var server = new ServerProcess(name, port, fileName, arguments, environment, readyPath, workingDirectory);
        try
        {
            await server.StartAgainAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it, and waits until it is ready.</summary>
    public async Task StartAgainAsync()
    {
        var process = ProcessUnderTest.Start(_fileName, _arguments, _environment, _workingDirectory);
        _process = process;
        await Eventually.HoldsAsync($"{_name} to answer {_readyPath} with success", async () =>
        {
            if (process.HasExited)
            {
                throw new InvalidOperationException(
                    $"{_name} ended with {process.ExitCode} while starting:{Environment.NewLine}{string.Join(Environment.NewLine, process.Lines.TakeLast(40))}");
            }

            return await IsReadyAsync();
        });
    }

    /// <summary>SIGKILL, as when the machine's memory runs out.</summary>
    public async Task KillAsync()
    {
        await Process.KillAsync();
        await ForgetAsync();
    }

    /// <summary>SIGTERM; waits for the end and returns the exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        Process.SendTerminate();
        var code = await Process.WaitForExitAsync("after SIGTERM");
        await ForgetAsync();
        return code;
    }

    /// <summary>Every line it printed, in all its lives.</summary>
    public IReadOnlyList<string> Log() => [.. _log, .. _process?.Lines ?? []];

    public async ValueTask DisposeAsync()
    {
        await ForgetAsync();
        Http.Dispose();
        await File.WriteAllLinesAsync(Path.Combine(Binaries.Results, $"{_name}-{Address.Port}.log"), _log);
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var response = await Http.GetAsync(_readyPath);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task ForgetAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            await process.DisposeAsync();
            _log.AddRange(process.Lines);
        }
    }
}
