using System.Text;
using System.Text.Json;
using Warroom.Testing;

namespace Warroom.Frontend.Tests.Support;

/// <summary>Somebody who looks at one bot session as the page does.</summary>
internal sealed class ChatViewer : IAsyncDisposable
{
    private readonly HubClient _hub;
    private readonly Guid _sessionId;
    private readonly Lock _gate = new();
    private readonly List<EndedReply> _ended = [];
    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);
    private readonly StringBuilder _text = new();
    private Task _following = Task.CompletedTask;
    private string? _replyId;
    private long _nextToken;
    private long _last;

    private ChatViewer(HubClient hub, Guid sessionId) => (_hub, _sessionId) = (hub, sessionId);

    /// <summary>How often text was added to the reply in flight.</summary>
    public int TimesGrown { get; private set; }

    /// <summary>The number of the first token that came by push: 0 unless it joined half-way.</summary>
    public long FirstPushedToken { get; private set; } = -1;

    /// <summary>What did not fit: 0 on a connection that keeps up.</summary>
    public int Gaps { get; private set; }

    public JsonElement Watched { get; private set; }

    /// <summary>The text of the reply in flight so far.</summary>
    public string Text
    {
        get
        {
            lock (_gate)
            {
                return _text.ToString();
            }
        }
    }

    public static async Task<ChatViewer> WatchAsync(WarroomUnderTest warroom, Guid sessionId, long afterSeq = 0)
    {
        var viewer = new ChatViewer(await warroom.ConnectAsync("chat", "?actor=Ana"), sessionId);
        await viewer.CatchUpAsync(afterSeq);
        viewer._following = viewer.FollowAsync();
        return viewer;
    }

    /// <summary>Calls <c>Send</c>, <c>Stop</c>, <c>Regenerate</c> or <c>Continue</c>.</summary>
    public Task<JsonElement> CommandAsync(string command, params object[] more) => _hub.InvokeAsync(command, [_sessionId, Guid.CreateVersion7(), .. more]);

    public Task GrowsAsync(int characters) => Eventually.HoldsAsync($"the reply to have {characters} characters; it has {Text.Length}", () => Text.Length >= characters);

    /// <summary>The reply number <paramref name="count"/>, from 1, once it has ended.</summary>
    public async Task<EndedReply> EndAsync(int count = 1)
    {
        await Eventually.HoldsAsync($"reply {count} to end", () =>
        {
            lock (_gate)
            {
                return _ended.Count >= count;
            }
        });
        lock (_gate)
        {
            return _ended[count - 1];
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        await _following;
    }

    private async Task CatchUpAsync(long afterSeq)
    {
        Watched = await _hub.InvokeAsync("Watch", _sessionId, afterSeq);
        lock (_gate)
        {
            _last = Watched.GetProperty("events") is { } events && events.GetArrayLength() > 0 ? events[0].GetProperty("seq").GetInt64() - 1 : Watched.GetProperty("session").GetProperty("version").GetInt64();
            Apply(events);
            Assert.Equal(Watched.GetProperty("session").GetProperty("version").GetInt64(), _last);
            if (Watched.GetProperty("session").TryGetProperty("live", out var live))
            {
                _replyId = live.GetProperty("reply_id").GetString();
                _text.Clear().Append(live.GetProperty("text").GetString());
                _nextToken = live.GetProperty("next_token").GetInt64();
            }
        }
    }

    private async Task FollowAsync()
    {
        await foreach (var message in _hub.Messages.ReadAllAsync())
        {
            if (message.Target == "Session")
            {
                lock (_gate)
                {
                    Apply(message.Argument.GetProperty("events"));
                    if (message.Argument.TryGetProperty("tokens", out var tokens))
                    {
                        Grow(tokens);
                    }
                }
            }
            else
            {
                Gaps++;
            }
        }
    }

    private void Apply(JsonElement events)
    {
        foreach (var logged in events.EnumerateArray())
        {
            var seq = logged.GetProperty("seq").GetInt64();
            if (seq != _last + 1)
            {
                Gaps += seq > _last ? 1 : 0;
                continue;
            }

            _last = seq;
            var body = JsonDocument.Parse(logged.GetProperty("body").GetString()!).RootElement;
            switch (body.GetProperty("kind").GetString())
            {
                case "reply_started":
                    _replyId = body.GetProperty("reply_id").GetString();
                    _text.Clear().Append(body.TryGetProperty("continues", out var continued) ? _texts.GetValueOrDefault(continued.GetString()!) : "");
                    _nextToken = 0;
                    break;
                case "reply_ended":
                    var ended = new EndedReply(body.GetProperty("status").GetString()!, body.GetProperty("text").GetString()!, body.TryGetProperty("error", out var error) ? error.GetString() : null, _text.ToString());
                    _texts[body.GetProperty("reply_id").GetString()!] = ended.Text;
                    _ended.Add(ended);
                    break;
            }
        }
    }

    private void Grow(JsonElement tokens)
    {
        var first = tokens.GetProperty("first_token").GetInt64();
        if (tokens.GetProperty("reply_id").GetString() != _replyId || first > _nextToken)
        {
            Gaps++;
            return;
        }

        FirstPushedToken = FirstPushedToken < 0 ? first : FirstPushedToken;
        foreach (var token in tokens.GetProperty("tokens").EnumerateArray().Skip((int)(_nextToken - first)))
        {
            _text.Append(token.GetString());
            _nextToken++;
        }

        TimesGrown++;
    }
}
