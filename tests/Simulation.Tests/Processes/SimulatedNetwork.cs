using Orleans.Runtime;

namespace Warroom.Simulation.Processes;

/// <summary>
/// How processes call each other. One connection leads from each to each other; what it carries keeps its order. When it breaks, each call on it fails at its caller, and what was still under way is lost, or arrives although
/// nobody will hear of it, or arrives late, when newer calls have come by another connection.
/// </summary>
internal sealed class SimulatedNetwork(VirtualTime time, Random random)
{
    private const long TimeoutMs = 10_000;

    private readonly Dictionary<(string From, string To), Connection> _connections = [];
    private readonly Dictionary<string, SimulatedProcess> _processes = new(StringComparer.Ordinal);

    /// <summary>How often a connection broke with calls on it.</summary>
    public long Broken { get; private set; }

    public long Calls { get; private set; }

    /// <summary>How often what a broken connection carried came later than what its successor did.</summary>
    public long Late { get; private set; }

    /// <summary>In place of the usual few: the most milliseconds that something is under way.</summary>
    public int SlowMs { get; set; }

    public void Add(SimulatedProcess process) => _processes.Add(process.Name, process);

    public SimulatedProcess? Find(string name) => _processes.GetValueOrDefault(name) is { IsDead: false } process ? process : null;

    /// <summary>Calls another process. Fails with <see cref="SiloUnavailableException"/> if it is not there, or the connection breaks, which leaves open whether it was done.</summary>
    public Task<T> CallAsync<T>(SimulatedProcess from, string to, Func<SimulatedProcess, Task<T>> action)
    {
        var done = new TaskCompletionSource<T>();
        if (from.IsDead) return done.Task;
        Calls++;
        if (Find(to) is not { } target)
        {
            from.After(random.Next(1, 20), () => done.TrySetException(new SiloUnavailableException($"{to} is not there.")));
            return done.Task;
        }

        var connection = ConnectionOf(from.Name, to);
        var call = new Call { Fail = () => from.After(random.Next(0, 10), () => done.TrySetException(new SiloUnavailableException($"The connection to {to} broke."))) };
        connection.Calls.Add(call);
        connection.LastArrivalMs = Math.Max(connection.LastArrivalMs, Math.Max(connection.SilentUntilMs, time.NowMs) + Latency());
        time.After(connection.LastArrivalMs - time.NowMs, Arrive);
        time.After(TimeoutMs, () =>
        {
            // One that broke has failed already.
            if (connection.Calls.Remove(call)) from.After(0, () => done.TrySetException(new TimeoutException($"{to} did not answer in time.")));
        });
        return done.Task;

        void Arrive()
        {
            if (call.IsLost) return;
            if (call.LateMs > 0)
            {
                var late = call.LateMs;
                call.LateMs = 0;
                time.After(late, Arrive);
                return;
            }

            target.After(0, () => _ = ExecuteAsync());
        }

        async Task ExecuteAsync()
        {
            Action answer;
            try
            {
                var result = await action(target);
                answer = () => done.TrySetResult(result);
            }
            catch (Exception exception)
            {
                answer = () => done.TrySetException(exception);
            }

            if (!connection.Calls.Contains(call)) return;
            connection.LastAnswerMs = Math.Max(connection.LastAnswerMs, Math.Max(connection.SilentUntilMs, time.NowMs) + Latency());
            time.After(connection.LastAnswerMs - time.NowMs, () =>
            {
                if (connection.Calls.Remove(call)) from.After(0, answer);
            });
        }
    }

    /// <summary>The connections between two processes break.</summary>
    public void Break(string one, string other)
    {
        Break(ConnectionOf(one, other));
        Break(ConnectionOf(other, one));
    }

    /// <summary>Nothing gets through between two processes for a while, in one direction or both; then the connection is found to be broken, or what waited gets through.</summary>
    public void Silence(string one, string other, long ms)
    {
        var both = random.Next(2) == 0;
        foreach (var connection in both ? [ConnectionOf(one, other), ConnectionOf(other, one)] : new[] { ConnectionOf(one, other) })
        {
            connection.SilentUntilMs = Math.Max(connection.SilentUntilMs, time.NowMs + ms);
            if (random.Next(2) == 0) time.After(ms, () => Break(connection));
        }
    }

    /// <summary>A process is gone: whoever has called it finds out, soon or by waiting in vain.</summary>
    public void OnDeath(SimulatedProcess process)
    {
        foreach (var ((from, to), connection) in _connections)
        {
            if (to != process.Name && from != process.Name) continue;
            if (random.Next(4) > 0) time.After(random.Next(1, 300), () => Break(connection));
        }
    }

    public void Heal()
    {
        SlowMs = 0;
        foreach (var connection in _connections.Values) connection.SilentUntilMs = 0;
    }

    private long Latency() => SlowMs > 0 ? random.Next(1, SlowMs) : random.Next(30) == 0 ? random.Next(10, 80) : random.Next(1, 4);

    private void Break(Connection connection)
    {
        if (connection.Calls.Count == 0) return;
        Broken++;
        foreach (var call in connection.Calls)
        {
            switch (random.Next(3))
            {
                case 0:
                    call.IsLost = true;
                    break;
                case 1:
                    Late++;
                    call.LateMs = random.Next(1, 3000);
                    break;
                default:
                    break;
            }

            call.Fail();
        }

        connection.Calls.Clear();
        (connection.LastArrivalMs, connection.LastAnswerMs) = (0, 0);
    }

    private Connection ConnectionOf(string from, string to)
    {
        if (!_connections.TryGetValue((from, to), out var connection)) _connections[(from, to)] = connection = new Connection();
        return connection;
    }

    private sealed class Connection
    {
        public List<Call> Calls { get; } = [];

        public long LastArrivalMs { get; set; }

        public long LastAnswerMs { get; set; }

        public long SilentUntilMs { get; set; }
    }

    private sealed class Call
    {
        public required Action Fail { get; init; }

        public bool IsLost { get; set; }

        public long LateMs { get; set; }
    }
}
