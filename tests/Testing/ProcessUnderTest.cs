using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Warroom.Testing;

/// <summary>
/// A process that a test starts, reads and ends by its id, as an operator would: SIGTERM, SIGINT or SIGKILL. What it prints is kept;
/// a wait that fails says which line was missing and shows the last ones that came. Disposing kills it with all it started.
/// </summary>
public sealed class ProcessUnderTest : IAsyncDisposable
{
    private const int Interrupt = 2;
    private const int Terminate = 15;
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private readonly Process _process;
    private readonly string _name;
    private TaskCompletionSource _changed = NewSignal();

    private ProcessUnderTest(Process process, string name)
    {
        _process = process;
        _name = name;
    }

    /// <summary>Its process id.</summary>
    public int Id => _process.Id;

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>What it returned; only once it has ended.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>Every line printed so far, of both outputs, in the order they arrived.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_gate)
            {
                return [.. _lines];
            }
        }
    }

    /// <summary>Starts a process.</summary>
    /// <param name="fileName">A path, or a name to be found on the PATH.</param>
    /// <param name="arguments">Each one argument, passed without a shell.</param>
    /// <param name="environment">Added to this process's own environment; a null value removes a variable.</param>
    /// <param name="workingDirectory">The checkout's root unless given.</param>
    /// <param name="ownGroup">Whether it leads a process group of its own, so that a Ctrl-C can be played to all of it.</param>
    public static ProcessUnderTest Start(
        string fileName,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string?>? environment = null,
        string? workingDirectory = null,
        bool ownGroup = false)
    {
        var start = new ProcessStartInfo(ownGroup ? "setsid" : fileName)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = workingDirectory ?? Repository.Root,
        };
        foreach (var argument in ownGroup ? arguments.Prepend(fileName) : arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment ?? new Dictionary<string, string?>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }

        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        var subject = new ProcessUnderTest(process, Path.GetFileName(fileName));
        process.OutputDataReceived += (_, line) => subject.Keep(line.Data);
        process.ErrorDataReceived += (_, line) => subject.Keep(line.Data);
        process.Exited += (_, _) => subject.Signal();
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return subject;
    }

    /// <summary>Waits until it has printed a line for which the condition holds, and returns that line.</summary>
    public Task<string> WaitForLineAsync(string phase, Func<string, bool> condition, TimeSpan? timeout = null) =>
        WaitAsync(phase, timeout, () => _lines.Find(line => condition(line)));

    /// <summary>Waits until it has ended, and returns its exit code.</summary>
    public async Task<int> WaitForExitAsync(string phase, TimeSpan? timeout = null)
    {
        await Eventually.CompletesAsync($"{_name} to end: {phase}{LastLines()}", _process.WaitForExitAsync(), timeout);
        return _process.ExitCode;
    }

    /// <summary>Asks it to end: SIGTERM.</summary>
    public void SendTerminate() => Send(_process.Id, Terminate);

    /// <summary>Plays a Ctrl-C: SIGINT to its whole process group. Only with <c>ownGroup</c>.</summary>
    public void SendInterruptToGroup() => Send(-_process.Id, Interrupt);

    /// <summary>Ends it at once, and nothing it started: SIGKILL. Returns when it is gone.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static void Send(int processId, int signal)
    {
        if (Kill(processId, signal) != 0)
        {
            throw new InvalidOperationException($"Signal {signal} to process {processId} failed: error {Marshal.GetLastPInvokeError()}.");
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int processId, int signal);

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_gate)
        {
            _lines.Add(line);
        }

        Signal();
    }

    private void Signal()
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            (changed, _changed) = (_changed, NewSignal());
        }

        changed.TrySetResult();
    }

    private async Task<string> WaitAsync(string phase, TimeSpan? timeout, Func<string?> find)
    {
        var limit = timeout ?? Eventually.Timeout;
        using var deadline = new CancellationTokenSource(limit);
        while (true)
        {
            Task changed;
            var ended = _process.HasExited;
            lock (_gate)
            {
                if (find() is { } found)
                {
                    return found;
                }

                changed = _changed.Task;
            }

            if (ended)
            {
                // Its last lines may still be on their way.
                await _process.WaitForExitAsync(deadline.Token);
                lock (_gate)
                {
                    return find() ?? throw new InvalidOperationException($"{_name} ended with {_process.ExitCode} before {phase}.{LastLines()}");
                }
            }

            try
            {
                await changed.WaitAsync(deadline.Token);
            }
            catch (OperationCanceledException inner) when (deadline.IsCancellationRequested)
            {
                throw new TimeoutException($"Waited {limit.TotalSeconds:0.#} s for {_name}: {phase}.{LastLines()}", inner);
            }
        }
    }

    private string LastLines()
    {
        lock (_gate)
        {
            return _lines.Count == 0 ? " It printed nothing." : $" Its last lines:{Environment.NewLine}{string.Join(Environment.NewLine, _lines.TakeLast(30))}";
        }
    }
}
