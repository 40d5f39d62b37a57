using System.Text.Json;
using Microsoft.Extensions.AI;
using Warroom.Bots;
using Warroom.Persistence;
using SessionMessage = Warroom.Bots.ChatMessage;

namespace Warroom.Models.Tests;

/// <summary>The pure rules of a session: what may follow what, and what its events add up to.</summary>
public sealed class SessionRulesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);
    private static readonly Guid Id = Guid.Parse("00000000-0000-7000-8000-000000000001");
    private static readonly BotView Bot = new() { Id = "BOT-001", Name = "Helper", Status = BotStatus.Running, CreatedAt = Noon, UpdatedAt = Noon };

    [Theory]
    [InlineData("short", "short")]
    [InlineData("  first line \r\n second", "first line")]
    [InlineData("a rather long first line that goes on and on until nobody would want to read it as a title", "a rather long first line that goes on and on until nobody…")]
    public void Title_OfTheFirstMessage_IsItsBeginning(string text, string expected) => Assert.Equal(expected, SessionFold.TitleOf(text));

    [Fact]
    public void Title_Given_StaysWithTheFirstMessage()
    {
        var session = new Model();
        session.Do(state => SessionRules.Start(state, new() { OperationId = Guid.NewGuid(), By = BotsCluster.Ana, BotId = "BOT-001", Title = " Mine " }, Noon));
        session.Send("hello");
        Assert.Equal("Mine", session.State!.Title);
    }

    [Fact]
    public void Prompt_LongSession_IsTheNewestThatFitsAndAlwaysTheQuestion()
    {
        var history = Enumerable.Range(0, 10).Select(i => new SessionMessage
        {
            Id = Guid.CreateVersion7(),
            Seq = i + 1,
            Role = i % 2 == 0 ? MessageRole.User : MessageRole.Assistant,
            Text = new('x', 100),
            By = BotsCluster.Ana,
            At = Noon,
            Status = ReplyStatus.Complete,
        }).ToList();
        var prompt = SessionPrompt.Build(history, history[8].Id, "", 350);
        Assert.Equal([ChatRole.User, ChatRole.Assistant, ChatRole.User], prompt.Select(message => message.Role));
        Assert.Single(SessionPrompt.Build(history, history[8].Id, "", 10));
        Assert.Equal("begun", SessionPrompt.Build(history, history[8].Id, "begun", 10)[^1].Text);
    }

    /// <summary>Whatever is asked in whatever order: each reply that began ends once, at most one is in flight, a refusal changes nothing, and the log says the same as the state.</summary>
    [Fact]
    public void Commands_InAnyOrder_KeepTheSessionWhole()
    {
        for (var seed = 1; seed <= 400; seed++)
        {
            var random = new Random(seed);
            var session = new Model();
            session.Do(state => SessionRules.Start(state, new() { OperationId = Guid.NewGuid(), By = BotsCluster.Ana, BotId = "BOT-001" }, Noon));
            for (var i = 0; i < 40; i++)
            {
                var now = Noon.AddSeconds(i);
                var command = new ReplyCommand { OperationId = Guid.NewGuid(), By = BotsCluster.Ana };
                var bot = random.Next(8) == 0 ? Bot with { Status = BotStatus.Stopped } : Bot;
                switch (random.Next(6))
                {
                    case 0:
                        session.Do(state => SessionRules.Send(state, new() { OperationId = Guid.NewGuid(), By = BotsCluster.Ana, Text = random.Next(6) == 0 ? " " : $"message {i}" }, bot, Guid.NewGuid(), now));
                        break;
                    case 1:
                        session.Do(state => SessionRules.Regenerate(state, command, bot, Guid.NewGuid(), now));
                        break;
                    case 2:
                        var last = session.State!.LastReply?.ReplyId ?? Guid.Empty;
                        var text = session.History.FirstOrDefault(message => message.Id == last)?.Text ?? "";
                        session.Do(state => SessionRules.Continue(state, command, bot, Guid.NewGuid(), (last, text), now));
                        break;
                    case 3:
                        Assert.Equal(session.State!.Live is null, SessionRules.Stop(session.State, command).Refusal is not null);
                        break;
                    default:
                        if (session.State!.Live is { } live)
                        {
                            var ended = SessionRules.Interrupted(live with { Text = live.Text + "more " }, now) with { Status = (ReplyStatus)random.Next(1, 5) };
                            session.Do(state => SessionRules.End(state, ended));
                            session.Do(state => SessionRules.End(state, ended));
                        }

                        break;
                }

                session.Check($"seed {seed}, step {i}");
            }
        }
    }

    // Two versions run side by side during an upgrade.
    [Fact]
    public void Event_OfAKindThatANewerVersionWrote_IsLeftOut_OneThatIsBrokenIsNot()
    {
        var sent = new MessageSent { OperationId = Guid.NewGuid(), At = Noon, By = BotsCluster.Ana, MessageId = Guid.NewGuid(), Text = "hello" };
        string[] bodies = ["""{"kind":"something_new","what":1}""", JsonSerializer.Serialize<SessionEvent>(sent, WarroomJson.Wire.SessionEvent)];
        var history = SessionHistory.Fold(bodies.Select((body, i) => new LoggedEvent { Seq = i + 1, Hash = EventHash.Genesis, Body = body }));

        Assert.Equal((2, "hello"), (Assert.Single(history).Seq, history[0].Text));
        foreach (var broken in (string[])["", "null", "[]", """{"what":1}""", """{"kind":"message_sent"}""", """{"kind":7}"""])
            Assert.ThrowsAny<Exception>(() => WarroomJson.SessionEventOf(broken));
    }

    private sealed class Model
    {
        private readonly List<LoggedEvent> _log = [];

        public SessionState? State { get; private set; }

        public IReadOnlyList<SessionMessage> History => SessionHistory.Fold(_log);

        public void Send(string text) => Do(state => SessionRules.Send(state, new() { OperationId = Guid.NewGuid(), By = BotsCluster.Ana, Text = text }, Bot, Guid.NewGuid(), Noon));

        public void Do(Func<SessionState?, SessionDecision> rule)
        {
            var decision = rule(State).ToLog(Id, State);
            foreach (var body in decision.Bodies)
                _log.Add(new() { Seq = _log.Count + 1, Hash = EventHash.Genesis, Body = body });
            State = decision.State ?? State;
        }

        public void Check(string where)
        {
            var events = _log.Select(logged => WarroomJson.SessionEventOf(logged.Body)!).ToList();
            var started = events.OfType<ReplyStarted>().Select(reply => reply.ReplyId).ToList();
            var ended = events.OfType<ReplyEnded>().Select(reply => reply.ReplyId).ToList();
            Assert.True(State!.Version == _log.Count, where);
            Assert.True(started.Take(ended.Count).SequenceEqual(ended) && started.Count - ended.Count is 0 or 1, where);
            Assert.True(State.Live?.ReplyId == (started.Count > ended.Count ? started[^1] : null), where);

            var history = History;
            Assert.True(State.MessageCount == history.Count, $"{where}: the state counts {State.MessageCount}, the log shows {history.Count}");
            Assert.True(history.Select(message => message.Seq).SequenceEqual(history.Select(message => message.Seq).Order()), where);
            Assert.True(history.All(message => message.Status != ReplyStatus.Streaming || message.Id == State.Live?.ReplyId), where);
            foreach (var reply in events.OfType<ReplyStarted>().Where(reply => reply.Continues is not null))
            {
                var before = events.OfType<ReplyEnded>().Single(end => end.ReplyId == reply.Continues).Text;
                var after = events.OfType<ReplyEnded>().SingleOrDefault(end => end.ReplyId == reply.ReplyId)?.Text ?? State.Live!.Text;
                Assert.True(after.StartsWith(before, StringComparison.Ordinal), where);
            }
        }
    }
}
