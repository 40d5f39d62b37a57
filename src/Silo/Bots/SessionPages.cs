using Warroom.Persistence;
using Warroom.Postgres;

namespace Warroom.Bots;

/// <summary>A part of a session's history.</summary>
/// <param name="Messages">Messages and replies that are shown, oldest first.</param>
/// <param name="Version">The number of the last event that they know of.</param>
/// <param name="More">Whether there are older ones.</param>
public sealed record SessionMessages(IReadOnlyList<ChatMessage> Messages, long Version, bool More);

/// <summary>
/// The history of bot sessions, read from their logs. A log is read backwards: a reply's end is met before its beginning, and what stands in for it before both, so that one pass suffices and stops when the page is full.
/// </summary>
public sealed class SessionPages(PostgresReader reader)
{
    private const int EventsAtOnce = 200;

    /// <summary>The messages before a number, or the last ones; <see langword="null"/> if there is no such session.</summary>
    /// <param name="id">The session.</param>
    /// <param name="before">Only those with a lower number; <see langword="null"/>: the last.</param>
    /// <param name="limit">At most so many; 1 to 500.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<SessionMessages?> MessagesAsync(Guid id, long? before, int limit, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, 500);
        if (await LogReads.VersionAsync(reader, LogNames.Sessions, id, cancellationToken) is not { } version)
            return null;

        // The event at the border itself may say that the reply before it is no longer shown.
        var next = before ?? long.MaxValue;
        var scan = new BackwardScan(before ?? long.MaxValue);
        while (next >= 1 && scan.Count <= limit)
        {
            var events = await LogReads.EventsUpToAsync(reader, LogNames.Sessions, id, next, EventsAtOnce, cancellationToken);
            foreach (var logged in events)
            {
                version = Math.Max(version, before is null ? logged.Seq : version);
                scan.Take(logged);
                if (scan.Count > limit)
                    break;
            }

            next = events.Count < EventsAtOnce ? 0 : events[^1].Seq - 1;
        }

        return scan.ToPage(limit, version);
    }

    private sealed class BackwardScan(long before)
    {
        private readonly List<ChatMessage> _messages = [];
        private readonly Dictionary<Guid, ReplyEnded> _ends = [];
        private readonly HashSet<Guid> _replaced = [];

        public int Count => _messages.Count;

        public void Take(LoggedEvent logged)
        {
            switch (WarroomJson.SessionEventOf(logged.Body))
            {
                case ReplyEnded ended:
                    _ends[ended.ReplyId] = ended;
                    break;
                case ReplyStarted started:
                    if ((started.Replaces ?? started.Continues) is { } replaced)
                        _replaced.Add(replaced);
                    if (logged.Seq < before && !_replaced.Contains(started.ReplyId))
                        _messages.Add(Reply(logged.Seq, started, _ends.GetValueOrDefault(started.ReplyId)));
                    break;
                case MessageSent sent when logged.Seq < before:
                    _messages.Add(new() { Id = sent.MessageId, Seq = logged.Seq, Role = MessageRole.User, Text = sent.Text, By = sent.By, At = sent.At, Status = ReplyStatus.Complete });
                    break;
            }
        }

        public SessionMessages ToPage(int limit, long version)
        {
            var more = _messages.Count > limit;
            if (more)
                _messages.RemoveRange(limit, _messages.Count - limit);
            _messages.Reverse();
            return new(_messages, version, more);
        }

        private static ChatMessage Reply(long seq, ReplyStarted started, ReplyEnded? ended) => new()
        {
            Id = started.ReplyId,
            Seq = seq,
            Role = MessageRole.Assistant,
            Text = ended?.Text ?? "",
            By = started.By,
            At = started.At,
            Status = ended?.Status ?? ReplyStatus.Streaming,
            MessageId = started.MessageId,
            Outcome = ended is null ? null : ReplyOutcome.Of(ended),
        };
    }
}
