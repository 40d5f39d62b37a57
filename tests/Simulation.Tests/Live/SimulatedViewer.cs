using System.Text.Json;
using Warroom.Frontend.Live;
using Warroom.Frontend.Timeline;
using Warroom.Incidents;

namespace Warroom.Simulation.Live;

/// <summary>
/// A page that shows an incident. It does what <c>room.ts</c>, <c>hub-link.ts</c> and <c>ordered-log.ts</c> do: applies the next event only, keeps what is early, asks for what comes after its last when something is missing or
/// it is told to, one question at a time, and connects anew when the connection breaks, to whichever front end there is.
/// </summary>
internal sealed class SimulatedViewer
{
    private readonly FeedWorld _world;
    private readonly Guid _incident;
    private readonly SortedDictionary<long, LoggedEvent> _early = [];
    private readonly int _number;
    private SimulatedConnection? _connection;
    private Outbox? _outbox;
    private long _head;
    private bool _isAsking;
    private long _askedMs;

    public SimulatedViewer(FeedWorld world, Guid incident, int number, long start)
    {
        (_world, _incident, _number, Start, _head) = (world, incident, number, start, start);
        Connect();
    }

    /// <summary>The event after which it began to look.</summary>
    public long Start { get; }

    public List<LoggedEvent> Applied { get; } = [];

    public Guid Incident => _incident;

    public long Last => Start + Applied.Count;

    public long Asked { get; private set; }

    public long Behind { get; private set; }

    public SimulatedConnection? Connection => _connection;

    public long WaitingBytes => _outbox?.WaitingBytes ?? 0;

    /// <summary>Since when it waits for an answer; null if it does not.</summary>
    public long? AskingSinceMs => _isAsking ? _askedMs : null;

    public override string ToString() => $"viewer {_number}";

    public void OnMessage(string target, object? argument)
    {
        if (target == "Behind")
        {
            if (_world.Mutation is LiveMutation.BehindNotTold or LiveMutation.NoResume) return;
            Behind++;
            Ask(isRetried: true);
            return;
        }

        var update = (IncidentUpdate)argument!;
        Apply(update.Events, update.Incident.Version);
        if (_head > Last && _world.Mutation != LiveMutation.NoResume) Ask(isRetried: false);
    }

    /// <summary>The connection is gone: the server notices, and the page connects again.</summary>
    public void OnLost()
    {
        if (_connection is not { } connection) return;
        var outbox = _outbox!;
        _connection = null;
        _outbox = null;
        _isAsking = false;
        connection.FrontEnd.Process.After(_world.Random.Next(1, 200), outbox.Close);
        _world.Time.After(_world.Random.Next(1, 1_000), Connect);
    }

    private void Connect()
    {
        if (_world.AnyFrontEnd() is not { } frontEnd)
        {
            _world.Time.After(200, Connect);
            return;
        }

        var connection = _connection = new SimulatedConnection(_world, frontEnd, this) { IsDeaf = _world.Mutation == LiveMutation.AnswerBeforeJoining };
        _outbox = frontEnd.Accept(connection);
        if (_world.Mutation != LiveMutation.NoResume || Applied.Count == 0) Ask(isRetried: true);
    }

    /// <summary>Asks for what comes after the last number until nothing is missing.</summary>
    private void Ask(bool isRetried)
    {
        if (_isAsking || _connection is not { } connection || _outbox is not { } outbox) return;
        _isAsking = true;
        _askedMs = _world.Time.NowMs;
        Asked++;
        var after = Last;
        connection.FrontEnd.Process.After(_world.Random.Next(1, 6), () => connection.FrontEnd.Process.Start(() => AnswerAsync(connection, outbox, after, isRetried), _world.OnFailed));
    }

    private async Task AnswerAsync(SimulatedConnection connection, Outbox outbox, long after, bool isRetried)
    {
        try
        {
            var answer = await connection.FrontEnd.Feeds.WatchIncidentAsync(outbox, _incident, after, CancellationToken.None);
            var watched = JsonSerializer.Deserialize<WatchedIncident>(JsonSerializer.SerializeToUtf8Bytes(answer, FrontEnd.Json), FrontEnd.Json)!;
            connection.Deliver(() => OnAnswer(connection, watched, after, isRetried));
        }
        catch (Exception exception) when (exception is IOException or TimeoutException)
        {
            connection.Deliver(() => OnRefused(connection, isRetried));
        }
    }

    private void OnAnswer(SimulatedConnection connection, WatchedIncident answer, long after, bool isRetried)
    {
        if (_connection != connection) return;
        connection.IsDeaf = false;
        _isAsking = false;
        Apply(answer.Events, answer.Incident.Version);
        if (!answer.More && Last >= answer.Incident.Version) return;
        if (Last > after) Ask(isRetried);
        else OnRefused(connection, isRetried);
    }

    private void OnRefused(SimulatedConnection connection, bool isRetried)
    {
        if (_connection != connection) return;
        _isAsking = false;
        if (!isRetried) return;
        _world.Time.After(_world.Random.Next(500, 1_000), () =>
        {
            if (_connection == connection) Ask(isRetried: true);
        });
    }

    private void Apply(IEnumerable<LoggedEvent> events, long head)
    {
        _head = Math.Max(_head, head);
        foreach (var logged in events)
        {
            _head = Math.Max(_head, logged.Seq);
            if (_world.Mutation == LiveMutation.NoOrder)
            {
                Applied.Add(logged);
            }
            else if (logged.Seq <= Last)
            {
                if (logged.Seq > Start && Applied[(int)(logged.Seq - Start) - 1].Hash != logged.Hash) _world.Fail($"{this} was told two events {logged.Seq}: the log has forked.");
            }
            else
            {
                _early[logged.Seq] = logged;
                while (_early.Remove(Last + 1, out var next)) Applied.Add(next);
            }
        }
    }
}
