using System.Runtime.InteropServices;

using Warroom.Testing;

namespace Warroom.Faults.Harness;

/// <summary>A process of Warroom (silo, front end, or both in one) on ports of its own, which can be killed, stopped for a while, ended and started again.</summary>
public sealed class WarroomProcess : IAsyncDisposable
{
    private const int Terminate = 15;
    private const int Continue = 18;
    private const int Suspend = 19;
    private readonly IReadOnlyList<string> _arguments;
    private readonly string _command;
    private readonly Dictionary<string, string?> _environment;
    private readonly List<string> _log = [];
    private ProcessUnderTest? _process;

    public WarroomProcess(string name, string command, IReadOnlyList<string> arguments, Dictionary<string, string?> environment, int port, string address = "127.0.0.1")
    {
        Name = name;
        _command = command;
        _arguments = arguments;
        _environment = environment;
        Address = new($"http://{address}:{port}/");
        Http = new() { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(3) };
    }

    public string Name { get; }

    /// <summary>Where it answers over HTTP.</summary>
    public Uri Address { get; }

    /// <summary>A client for its health and metrics.</summary>
    public HttpClient Http { get; }

    /// <summary>Whether it runs.</summary>
    public bool IsRunning => _process is { HasExited: false };

    /// <summary>The running process.</summary>
    public ProcessUnderTest Process => _process ?? throw new InvalidOperationException($"{Name} does not run.");

    /// <summary>What it is started with; changes take effect at the next start.</summary>
    public IDictionary<string, string?> Environment => _environment;

    /// <summary>Starts it, and waits for nothing.</summary>
    public void Launch()
    {
        Forget();
        _process = ProcessUnderTest.Start(_command, _arguments, _environment);
    }

    /// <summary>Starts it, and waits until it is ready.</summary>
    public async Task StartAsync()
    {
        Launch();
        await ReadyAsync();
    }

    /// <summary>Waits until <c>/ready</c> says yes.</summary>
    public Task ReadyAsync() => Eventually.HoldsAsync($"{Name} to be ready", async () =>
        _process!.HasExited
            ? throw new InvalidOperationException($"{Name} ended with {_process.ExitCode}:{System.Environment.NewLine}{string.Join(System.Environment.NewLine, _process.Lines.TakeLast(30))}")
            : await IsReadyAsync(), TimeSpan.FromSeconds(60));

    /// <summary>Waits until <c>/ready</c> says yes, and starts it again as a supervisor would whenever it has ended meanwhile.</summary>
    public Task ReadyAgainAsync() => Eventually.HoldsAsync($"{Name} to be ready again", async () =>
    {
        if (!IsRunning)
            Launch();
        return await IsReadyAsync();
    }, TimeSpan.FromSeconds(60));

    /// <summary>What <c>/ready</c> says now; a process that does not answer is not ready.</summary>
    public async Task<bool> IsReadyAsync() => await StatusAsync("ready") is 200;

    /// <summary>The status of a path; null without an answer.</summary>
    public async Task<int?> StatusAsync(string path)
    {
        try
        {
            using var response = await Http.GetAsync(path);
            return (int)response.StatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>The sum of a metric's values over all its labels; 0 if it is not there.</summary>
    public async Task<double> MetricAsync(string name)
    {
        var text = await Http.GetStringAsync("metrics");
        return text.Split('\n').Where(line => line.StartsWith(name, StringComparison.Ordinal) && line.Length > name.Length && line[name.Length] is ' ' or '{')
            .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..]));
    }

    /// <summary>Waits until it has ended by itself; the exit code.</summary>
    public Task<int> EndedAsync(string phase, TimeSpan? timeout = null) => Process.WaitForExitAsync(phase, timeout);

    /// <summary>SIGKILL; returns when it is gone.</summary>
    public Task KillAsync() => Process.KillAsync();

    /// <summary>SIGTERM; waits for nothing.</summary>
    public void SendTerminate() => Send(Terminate);

    /// <summary>SIGSTOP: it stands still, and knows nothing of it.</summary>
    public void Freeze() => Send(Suspend);

    /// <summary>SIGCONT.</summary>
    public void Thaw() => Send(Continue);

    /// <summary>Resident memory in bytes.</summary>
    public long Memory()
    {
        using var process = System.Diagnostics.Process.GetProcessById(Process.Id);
        return process.WorkingSet64;
    }

    /// <summary>All it printed in all its lives.</summary>
    public IReadOnlyList<string> Log() => [.. _log, .. _process?.Lines ?? []];

    public async ValueTask DisposeAsync()
    {
        if (IsRunning)
        {
            Thaw();
            await Process.KillAsync();
        }

        Forget();
        Http.Dispose();
        await File.WriteAllLinesAsync(Path.Combine(Binaries.Results, $"{Name}-{Address.Port}.log"), _log);
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int processId, int signal);

    private void Send(int signal)
    {
        if (Kill(Process.Id, signal) != 0)
            throw new InvalidOperationException($"Signal {signal} to {Name} failed: error {Marshal.GetLastPInvokeError()}.");
    }

    private void Forget()
    {
        if (_process is not { } process)
            return;
        if (!process.HasExited)
            throw new InvalidOperationException($"{Name} still runs.");
        _log.AddRange(process.Lines);
        _ = process.DisposeAsync().AsTask();
        _process = null;
    }
}
