using Orleans.Streams;
using Warroom.Bots;
using Warroom.Simulation.Processes;
using Warroom.Streams;

namespace Warroom.Simulation.Live;

/// <summary>
/// What <c>BotSessionGrain</c> does, as others see it: decides by the product's rules, learns of its commits some time after they are durable, publishes them in order some time after that, and tokens as they come; a reply that it
/// finds in flight was cut by the death of its last silo, and is interrupted. What is under way when its silo dies is lost.
/// </summary>
internal sealed class SessionActivation
{
    private const long SaveMs = 500;

    public static readonly BotView Bot = new() { Id = "BOT-001", Name = "Bot", Status = BotStatus.Running, CreatedAt = DateTimeOffset.UnixEpoch, UpdatedAt = DateTimeOffset.UnixEpoch };

    private readonly SessionWorld _world;
    private readonly Guid _id;
    private readonly IAsyncStream<SessionUpdate> _updates;
    private readonly TaskCompletionSource _ready = new();
    private readonly List<LoggedEvent> _unpublished = [];
    private SessionState _committed = null!;
    private SimulatedReply? _run;
    private long _learnedMs;
    private long _publishedMs;
    private int _unlearned;

    public SessionActivation(SessionWorld world, StreamProcess silo, Guid id)
    {
        (_world, Silo, _id) = (world, silo, id);
        _updates = silo.Streams.GetStream<SessionUpdate>(WarroomStreams.Session(id));
        silo.Start(LoadAsync, world.OnFailed);
    }

    public StreamProcess Silo { get; }

    /// <summary>Completes when it answers; fails if it could not begin.</summary>
    public Task Ready => _ready.Task;

    public bool IsLeaving { get; private set; }

    public bool IsGone { get; private set; }

    private Random Random => _world.Random;

    private SessionState Row => _world.Store.Sessions[_id];

    public static SessionView View(SessionState state) => new()
    {
        Id = state.Id,
        Version = state.Version,
        BotId = state.BotId,
        Title = state.Title,
        CreatedAt = state.CreatedAt,
        UpdatedAt = state.UpdatedAt,
        MessageCount = state.MessageCount,
    };

    /// <summary>What it answers: its state as far as it has learned of it, with the reply in flight.</summary>
    public SessionView View()
    {
        EnsureRunning();
        return View(_committed) with
        {
            Live = _committed.Live is not { } live ? null : new()
            {
                ReplyId = live.ReplyId,
                MessageId = live.MessageId,
                Text = _run?.Id == live.ReplyId ? _run.Text : live.Text,
                NextToken = _run?.Id == live.ReplyId ? _run.NextToken : live.NextToken,
                StartedAt = live.StartedAt,
            },
        };
    }

    /// <summary>Whether it runs that reply, and nothing has ended it.</summary>
    public bool Runs(Guid replyId) => _run?.Id == replyId;

    /// <summary>Somebody sends, stops, regenerates or continues.</summary>
    public void Command()
    {
        if (IsLeaving) return;
        var now = Silo.Clock.GetUtcNow();
        var command = new ReplyCommand { OperationId = _world.NewId(), By = Author.Warroom };
        if (Row is { Live: { } live })
        {
            if (Random.Next(4) == 0 && _run?.Id == live.ReplyId) End(_run, ReplyStatus.Stopped);
            return;
        }

        if (Random.Next(5) == 0) _ = Commit(SessionRules.Regenerate(Row, command, Bot, _world.NewId(), now));
        else if (Random.Next(2) == 0 && _world.LastEnded(_id) is { } last && SessionRules.Continue(Row, command, Bot, _world.NewId(), last, now) is { Refusal: null } goesOn) _ = Commit(goesOn);
        else _ = Commit(SessionRules.Send(Row, new() { OperationId = command.OperationId, By = command.By, Text = new string('m', Random.Next(1, 40)) }, Bot, _world.NewId(), now));
    }

    /// <summary>Hands the session over if it is another silo's now.</summary>
    public void LeaveIfMoved()
    {
        if (IsLeaving || IsGone || Silo.Mesh.HomeOf(WarroomStreams.Session(_id)) == Silo.Name) return;
        IsLeaving = true;
        Silo.Start(LeaveAsync, _world.OnFailed);
    }

    private async Task LoadAsync()
    {
        await Silo.Delay(_world.Latency());
        if (_world.Fails(8))
        {
            IsGone = true;
            _ready.SetException(new IOException("The row could not be read."));
            return;
        }

        _committed = Row;
        if (Row.Live is { } cut)
        {
            _world.Tell($"{Silo} finds that {_world.Replies[cut.ReplyId]} was cut");
            await Commit(SessionRules.End(Row, SessionRules.Interrupted(cut, Silo.Clock.GetUtcNow())));
        }

        _ready.SetResult();
    }

    private async Task LeaveAsync()
    {
        await Task.WhenAny(_ready.Task);
        if (_run is { IsOver: false } run) End(run, ReplyStatus.Interrupted);
        for (var waited = 0; waited < 1_000 && (_unlearned > 0 || _unpublished.Count > 0 || _run is not null); waited += 10) await Silo.Delay(10);
        IsGone = true;
    }

    /// <summary>Commits at once, and learns of it a little later.</summary>
    private Task Commit(SessionDecision decision)
    {
        if (_world.Grains.Find(_id) != this)
        {
            // Its silo goes on in the very moment in which its lease has run out: the storage refuses what it writes.
            IsGone = true;
            return Task.CompletedTask;
        }

        var events = _world.Store.Commit(_id, decision);
        if (events.Count == 0) return Task.CompletedTask;
        _world.OnCommitted(_id, this, events);
        var (state, learned) = (Row, new TaskCompletionSource());
        _unlearned++;
        _learnedMs = Math.Max(_learnedMs, _world.Time.NowMs + (Random.Next(10) == 0 ? Random.Next(5, 300) : Random.Next(0, 3)));
        Silo.After(_learnedMs - _world.Time.NowMs, () =>
        {
            _unlearned--;
            _committed = state;
            if (_run is { IsOver: true } run && state.Live?.ReplyId != run.Id) _run = null;
            Publish(events);
            EnsureRunning();
            learned.SetResult();
        });
        return learned.Task;
    }

    /// <summary>Publishes what it has learned of, together with what comes until then.</summary>
    private void Publish(IReadOnlyList<LoggedEvent> events)
    {
        _unpublished.AddRange(events);
        _publishedMs = Math.Max(_publishedMs, _world.Time.NowMs + (Random.Next(4) == 0 ? Random.Next(5, 400) : Random.Next(0, 3)));
        Silo.After(_publishedMs - _world.Time.NowMs, () =>
        {
            if (_unpublished.Count == 0) return;
            var update = new SessionUpdate { SessionId = _id, Events = [.. _unpublished] };
            _unpublished.Clear();
            if (_world.IsTold) _world.Tell($"{Silo} publishes {_world.Describe(update)} of {_id}");
            _ = _updates.OnNextAsync(update);
        });
    }

    private void EnsureRunning()
    {
        if (_run is not null || IsLeaving || _committed.Live is not { } live) return;
        var run = _run = _world.Replies[live.ReplyId];
        Silo.After(Random.Next(5) == 0 ? Random.Next(50, 1_500) : Random.Next(1, 30), () => Continue(run));
        Silo.After(SaveMs, () => Save(run));
    }

    private void Continue(SimulatedReply run)
    {
        if (run.IsOver) return;
        if (run.Left == 0)
        {
            if (run.End is { } status) End(run, status);
            return;
        }

        // A burst overflows what is bounded.
        for (var batches = Random.Next(40) == 0 ? Random.Next(10, 40) : 1; batches > 0 && run.Left > 0; batches--)
        {
            var update = new SessionUpdate { SessionId = _id, Tokens = run.Produce(Random.Next(8) == 0 ? Random.Next(4, 20) : Random.Next(1, 4)) };
            if (_world.IsTold) _world.Tell($"{Silo} publishes {_world.Describe(update)} of {_id}");
            _ = _updates.OnNextAsync(update);
        }

        Silo.After(Random.Next(15) == 0 ? Random.Next(100, 1_200) : Random.Next(1, 60), () => Continue(run));
    }

    /// <summary>Stores the text so far.</summary>
    private void Save(SimulatedReply run)
    {
        if (run.IsOver) return;
        if (!_world.Fails(8) && Row.Live is { } live && live.ReplyId == run.Id) _world.Store.Sessions[_id] = Row with { Live = live with { Text = run.Text, NextToken = run.NextToken } };
        if (run.Left > 0 || Row.Live?.NextToken < run.NextToken) Silo.After(SaveMs, () => Save(run));
    }

    /// <summary>No more tokens; the end is tried until it is stored, or this activation has to leave.</summary>
    private void End(SimulatedReply run, ReplyStatus status)
    {
        if (run.IsOver) return;
        run.IsOver = true;
        Store(100);

        void Store(long pauseMs)
        {
            if (!_world.Fails(8))
            {
                _ = Commit(SessionRules.End(Row, new() { At = Silo.Clock.GetUtcNow(), By = Author.Warroom, OperationId = _world.NewId(), ReplyId = run.Id, Status = status, Text = run.Text }));
            }
            else if (!IsLeaving)
            {
                Silo.After(pauseMs, () => Store(2 * pauseMs));
            }
        }
    }
}
