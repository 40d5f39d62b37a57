using Warroom.Bots;
using Warroom.Frontend.Live;
using Warroom.Frontend.Sessions;

namespace Warroom.Simulation.Live;

/// <summary>A page that shows a conversation. It does what <c>chat-session.ts</c>, <c>frame-batch.ts</c> and <c>chat-state.ts</c> do, in the same order and under the same names.</summary>
internal sealed class SessionViewer : SimulatedViewer
{
    private const int EarlyMax = 500;

    private readonly SessionWorld _world;
    private readonly int _frameMs;
    private List<SessionUpdate> _batch = [];
    private List<ChatMessage> _messages = [];
    private bool _isEmpty = true;
    private long _last;
    private long _nextToken;
    private bool _gap;
    private List<SessionUpdate> _early = [];

    public SessionViewer(SessionWorld world, Guid session, int number, int start)
        : base(world, session, number)
    {
        _world = world;
        _frameMs = world.Random.Next(3) == 0 ? 100 : 16;
        if (start > 0)
        {
            // As it was kept when it was seen last.
            (_isEmpty, _last) = (false, start);
            _messages = [.. SessionHistory.Fold(world.Store.Logs[session].Take(start))];
        }

        Connect();
    }

    public override long Last => _last;

    public Guid? LiveReply { get; private set; }

    public IReadOnlyList<ChatMessage> Messages => _messages;

    protected override Func<FrontEnd, Outbox, Task<Func<Taken>>> Question()
    {
        var (after, next) = (_last, _nextToken);
        return async (frontEnd, outbox) =>
        {
            var answer = await frontEnd.Feeds.WatchSessionAsync(outbox, Topic, after, CancellationToken.None);
            var watched = Mutated(frontEnd, FrontEnd.Read<WatchedSession>(answer));
            if (watched.Session.Live is { NextToken: > 0 }) _world.Counts.HalfWay++;
            return () =>
            {
                Flush();
                ApplyWatched(watched, after);
                if (World.IsTold) World.Tell($"{this} is answered by {frontEnd.Process} with {watched.Session.Version} and {_world.Describe(watched.Session.Live)}; it shows {Describe()}");
                Verify();
                return !_gap ? Taken.All : (_last, _nextToken) != (after, next) ? Taken.Some : Taken.Nothing;
            };
        };
    }

    protected override void OnUpdate(object update)
    {
        _batch.Add((SessionUpdate)update);
        if (_batch.Count > 1) return;
        var batch = _batch;
        World.Time.After(World.Random.Next(1, _frameMs + 1), () =>
        {
            if (batch == _batch) Flush();
        });
    }

    /// <summary>What a feed would answer that does not care for the reply in flight.</summary>
    private WatchedSession Mutated(FrontEnd frontEnd, WatchedSession answer)
    {
        if (World.Mutation == LiveMutation.JoinedWithoutLive) return answer with { Session = answer.Session with { Live = null } };
        if (World.Mutation != LiveMutation.EndedStaysLive) return answer;
        var live = frontEnd.Lives[Topic] = answer.Session.Live ?? frontEnd.Lives.GetValueOrDefault(Topic);
        return answer with { Session = answer.Session with { Live = live } };
    }

    private void Flush()
    {
        if (_batch.Count == 0) return;
        var updates = _batch;
        _batch = [];
        foreach (var update in updates) ApplyUpdate(update);
        if (World.IsTold) World.Tell($"{this} takes {string.Join(", ", updates.Select(_world.Describe))}; it shows {Describe()}");
        Verify();
        if (_gap && World.Mutation != LiveMutation.NoResume) Ask();
    }

    private void ApplyWatched(WatchedSession answer, long asked)
    {
        var early = World.Mutation == LiveMutation.EarlyDropped ? [] : _early;
        (_gap, _early) = (false, []);
        if (!IsOlder(answer, asked)) ApplyAnswer(answer);
        foreach (var update in early) ApplyEarly(update);
        if (early.Count >= EarlyMax) _gap = true;
    }

    private bool IsOlder(WatchedSession answer, long asked) => World.Mutation != LiveMutation.OlderBelieved && !_isEmpty && answer.Session.Version < _last && (answer.Messages is null || answer.Session.Version >= asked);

    private void ApplyAnswer(WatchedSession answer)
    {
        var (session, before, liveBefore, nextBefore) = (answer.Session, _messages, LiveReply, _nextToken);
        if (answer.Messages is not null || _isEmpty) (_messages, _last, LiveReply) = ([.. answer.Messages ?? []], session.Version - answer.Events.Length, null);
        _isEmpty = false;
        foreach (var logged in answer.Events) ApplyEvent(logged);
        _last = Math.Max(_last, session.Version);
        if (session.Live is not { } live)
        {
            LiveReply = null;
            return;
        }

        var isAhead = liveBefore == live.ReplyId && nextBefore > live.NextToken;
        var text = isAhead ? before.Find(message => message.Id == live.ReplyId)?.Text ?? live.Text : live.Text;
        if (!_messages.Exists(message => message.Id == live.ReplyId))
        {
            _messages.Add(new()
            {
                Id = live.ReplyId, Seq = _last, Role = MessageRole.Assistant, Text = "", By = Author.Warroom, At = live.StartedAt, Status = ReplyStatus.Streaming, MessageId = live.MessageId,
            });
        }

        (LiveReply, _nextToken) = (live.ReplyId, isAhead ? nextBefore : live.NextToken);
        Change(live.ReplyId, message => message with { Text = text, Status = ReplyStatus.Streaming });
    }

    private void ApplyUpdate(SessionUpdate update)
    {
        if (_isEmpty)
        {
            Keep(update);
            return;
        }

        var gap = _gap;
        _gap = false;
        foreach (var logged in update.Events) ApplyEvent(logged);
        if (update.Tokens is { } tokens && !_gap) ApplyTokens(tokens);
        if (_gap) Keep(update);
        else _gap = gap;
    }

    private void ApplyEarly(SessionUpdate update) =>
        ApplyUpdate(update.Tokens is not { } tokens || _messages.Exists(message => message.Id == tokens.ReplyId) ? update : update with { Tokens = null });

    private void Keep(SessionUpdate update)
    {
        _gap = true;
        if (_early.Count < EarlyMax) _early.Add(update);
    }

    private void ApplyEvent(LoggedEvent logged)
    {
        if (logged.Seq <= _last) return;
        if (logged.Seq > _last + 1)
        {
            _gap = true;
            return;
        }

        if (_world.Store.Logs[Topic][(int)logged.Seq - 1].Hash != logged.Hash) World.Fail($"{this} was told another event {logged.Seq} than was stored.");
        Fold(WarroomJson.SessionEventOf(logged.Body)!, logged.Seq);
        _last = logged.Seq;
    }

    private void Fold(SessionEvent happened, long seq)
    {
        switch (happened)
        {
            case MessageSent sent:
                _messages.Add(new() { Id = sent.MessageId, Seq = seq, Role = MessageRole.User, Text = sent.Text, By = sent.By, At = sent.At, Status = ReplyStatus.Complete });
                break;
            case ReplyStarted started:
                var hidden = started.Replaces ?? started.Continues;
                var begun = started.Continues is null ? "" : _messages.Find(message => message.Id == started.Continues)?.Text ?? "";
                _messages.RemoveAll(message => message.Id == hidden);
                _messages.Add(new()
                {
                    Id = started.ReplyId, Seq = seq, Role = MessageRole.Assistant, Text = begun, By = started.By, At = started.At, Status = ReplyStatus.Streaming, MessageId = started.MessageId,
                });
                (LiveReply, _nextToken) = (started.ReplyId, 0);
                break;
            case ReplyEnded ended:
                if (LiveReply == ended.ReplyId) LiveReply = null;
                Change(ended.ReplyId, message => message with { Text = ended.Text, Status = ended.Status });
                break;
        }
    }

    private void ApplyTokens(TokenBatch batch)
    {
        if (LiveReply != batch.ReplyId)
        {
            // Tokens of a reply that is over are late; of one that is not known yet, or not what there is of it, they are early.
            if (_messages.Find(message => message.Id == batch.ReplyId) is not { } known || known.Status == ReplyStatus.Streaming) _gap = true;
            return;
        }

        if (batch.FirstToken > _nextToken && World.Mutation != LiveMutation.NoOrder)
        {
            _gap = true;
            return;
        }

        var fresh = string.Concat(batch.Tokens.Skip((int)Math.Max(0, _nextToken - batch.FirstToken)));
        if (fresh.Length == 0) return;
        _nextToken = batch.FirstToken + batch.Tokens.Length;
        Change(batch.ReplyId, message => message with { Text = message.Text + fresh });
    }

    private string Describe() => $"{_last}, {(LiveReply is { } live ? $"{_world.Replies[live]} up to {_nextToken}" : "no reply")}{(_gap ? ", and lacks something" : "")}";

    private void Change(Guid id, Func<ChatMessage, ChatMessage> change)
    {
        for (var i = 0; i < _messages.Count; i++)
            if (_messages[i].Id == id) _messages[i] = change(_messages[i]);
    }

    /// <summary>What holds at any moment.</summary>
    private void Verify()
    {
        var ids = new HashSet<Guid>();
        foreach (var message in _messages)
        {
            if (!ids.Add(message.Id)) World.Fail($"{this} shows {(_world.Replies.TryGetValue(message.Id, out var twice) ? twice : "a message")} twice.");
            if (message.Role == MessageRole.User) continue;
            var reply = _world.Replies[message.Id];
            if (message.Status != ReplyStatus.Streaming && message.Text != reply.Stored) World.Fail($"{this} shows '{message.Text}' of {reply}, which ended with '{reply.Stored}'.");
            if (message.Status == ReplyStatus.Streaming && !reply.Text.StartsWith(message.Text, StringComparison.Ordinal)) World.Fail($"{this} shows '{message.Text}' of {reply}, which has produced '{reply.Text}'.");
        }
    }
}
