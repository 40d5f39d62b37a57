using Warroom.Frontend.Live;

namespace Warroom.Simulation.Live;

/// <summary>
/// A page that shows something live. It does what <c>hub-link.ts</c> and its users do: asks for what comes after its last when something is missing or it is told to, one question at a time, and connects anew when the connection
/// breaks, to whichever front end there is. What it does with what it gets is for the page.
/// </summary>
internal abstract class SimulatedViewer(LiveWorld world, Guid topic, int number)
{
    private SimulatedConnection? _connection;
    private Outbox? _outbox;
    private bool _isAsking;
    private long _askedMs;

    /// <summary>The id of what it shows.</summary>
    public Guid Topic => topic;

    /// <summary>The number of the last event that it has.</summary>
    public abstract long Last { get; }

    public long Asked { get; private set; }

    public long Behind { get; private set; }

    public SimulatedConnection? Connection => _connection;

    public long WaitingBytes => _outbox?.WaitingBytes ?? 0;

    /// <summary>Since when it waits for an answer; null if it does not.</summary>
    public long? AskingSinceMs => _isAsking ? _askedMs : null;

    protected LiveWorld World => world;

    public override string ToString() => $"viewer {number}";

    public void OnMessage(string target, object? argument)
    {
        if (target != "Behind")
        {
            OnUpdate(argument!);
            return;
        }

        if (world.Mutation is LiveMutation.BehindNotTold or LiveMutation.NoResume) return;
        Behind++;
        Ask(isRetried: true);
    }

    /// <summary>The connection is gone: the server notices, and the page connects again.</summary>
    public void OnLost()
    {
        if (_connection is not { } connection) return;
        var outbox = _outbox!;
        _connection = null;
        _outbox = null;
        _isAsking = false;
        connection.FrontEnd.Process.After(world.Random.Next(1, 200), outbox.Close);
        world.Time.After(world.Random.Next(1, 1_000), Connect);
    }

    /// <summary>The next question to the server, and what the page does with the answer: true if nothing is missing then.</summary>
    protected abstract Task<Func<bool>> WatchAsync(LiveFeeds feeds, Outbox outbox, long after);

    protected abstract void OnUpdate(object update);

    protected void Connect()
    {
        if (world.AnyFrontEnd() is not { } frontEnd)
        {
            world.Time.After(200, Connect);
            return;
        }

        var isFirst = Asked == 0;
        var connection = _connection = new SimulatedConnection(world, frontEnd, this) { IsDeaf = world.Mutation == LiveMutation.AnswerBeforeJoining };
        _outbox = frontEnd.Accept(connection);
        if (world.Mutation != LiveMutation.NoResume || isFirst) Ask(isRetried: true);
    }

    /// <summary>Asks for what comes after the last number until nothing is missing.</summary>
    protected void Ask(bool isRetried)
    {
        if (_isAsking || _connection is not { } connection || _outbox is not { } outbox) return;
        _isAsking = true;
        _askedMs = world.Time.NowMs;
        Asked++;
        var after = Last;
        connection.FrontEnd.Process.After(world.Random.Next(1, 6), () => connection.FrontEnd.Process.Start(() => AnswerAsync(connection, outbox, after, isRetried), world.OnFailed));
    }

    private async Task AnswerAsync(SimulatedConnection connection, Outbox outbox, long after, bool isRetried)
    {
        try
        {
            var take = await WatchAsync(connection.FrontEnd.Feeds, outbox, after);
            connection.Deliver(() => OnAnswer(connection, take, after, isRetried));
        }
        catch (Exception exception) when (exception is IOException or TimeoutException)
        {
            connection.Deliver(() => OnRefused(connection, isRetried));
        }
    }

    private void OnAnswer(SimulatedConnection connection, Func<bool> take, long after, bool isRetried)
    {
        if (_connection != connection) return;
        connection.IsDeaf = false;
        var isDone = take();
        _isAsking = false;
        if (isDone) return;
        if (Last > after) Ask(isRetried);
        else OnRefused(connection, isRetried);
    }

    private void OnRefused(SimulatedConnection connection, bool isRetried)
    {
        if (_connection != connection) return;
        _isAsking = false;
        if (!isRetried) return;
        world.Time.After(world.Random.Next(500, 1_000), () =>
        {
            if (_connection == connection) Ask(isRetried: true);
        });
    }
}
