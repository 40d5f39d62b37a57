using Orleans.Runtime;
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
    private bool _isRetrying;
    private bool _isResuming;
    private bool _isBehind;
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
        _isBehind = !_isAsking || world.Mutation != LiveMutation.BehindForgotten;
        Ask();
    }

    /// <summary>The connection is gone: the server notices, and the page connects again.</summary>
    public void OnLost()
    {
        if (_connection is not { } connection) return;
        var outbox = _outbox!;
        _connection = null;
        _outbox = null;
        (_isAsking, _isRetrying) = (false, false);
        connection.FrontEnd.Process.After(world.Random.Next(1, 200), outbox.Close);
        world.Time.After(world.Random.Next(1, 1_000), Connect);
    }

    /// <summary>A question to the server about what comes after the last that the page has, and what the page does with the answer.</summary>
    protected abstract Func<FrontEnd, Outbox, Task<Func<Taken>>> Question();

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
        _isResuming = true;
        if (world.Mutation != LiveMutation.NoResume || isFirst) Ask();
    }

    /// <summary>Asks for what comes after the last number until nothing is missing, unless it does so already.</summary>
    protected void Ask()
    {
        if (_isAsking || _isRetrying || _connection is not { } connection || _outbox is not { } outbox) return;
        (_isAsking, _isBehind) = (true, false);
        _askedMs = world.Time.NowMs;
        Asked++;
        var question = Question();
        connection.FrontEnd.Process.After(world.Random.Next(1, 6), () => connection.FrontEnd.Process.Start(() => AnswerAsync(connection, () => question(connection.FrontEnd, outbox)), world.OnFailed));
    }

    private async Task AnswerAsync(SimulatedConnection connection, Func<Task<Func<Taken>>> question)
    {
        try
        {
            var take = await question();

            // An answer does not go by way of the outbox: what came after it may overtake it.
            await connection.FrontEnd.Process.Delay(world.Random.Next(8) == 0 ? world.Random.Next(5, 300) : world.Random.Next(0, 3));
            connection.Deliver(() => OnAnswer(connection, take));
        }
        catch (Exception exception) when (exception is IOException or TimeoutException or SiloUnavailableException or DomainException)
        {
            connection.Deliver(() => OnRefused(connection));
        }
    }

    private void OnAnswer(SimulatedConnection connection, Func<Taken> take)
    {
        if (_connection != connection) return;
        connection.IsDeaf = false;
        var taken = take();
        (_isAsking, _isResuming) = (false, false);
        if (taken == Taken.Nothing) OnRefused(connection);
        else if (taken == Taken.Some || _isBehind) Ask();
    }

    private void OnRefused(SimulatedConnection connection)
    {
        if (_connection != connection) return;
        _isAsking = false;
        if (world.Mutation == LiveMutation.RefusedForGood && !_isResuming) return;
        _isRetrying = true;
        world.Time.After(world.Random.Next(1_000, 2_000), () =>
        {
            if (_connection != connection) return;
            _isRetrying = false;
            Ask();
        });
    }
}

/// <summary>What an answer was good for.</summary>
internal enum Taken
{
    /// <summary>Nothing is missing any more.</summary>
    All,

    /// <summary>Something still is.</summary>
    Some,

    /// <summary>As much is missing as before.</summary>
    Nothing,
}
