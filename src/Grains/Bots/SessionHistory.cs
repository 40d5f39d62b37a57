namespace Warroom.Bots;

/// <summary>A session's messages and replies as its events leave them: replaced replies are gone, a reply that continues another has taken its place. Pure.</summary>
public static class SessionHistory
{
    /// <summary>Folds events, in order, from the first or from any later one: what refers to something before the first that is given is left out.</summary>
    public static IReadOnlyList<ChatMessage> Fold(IEnumerable<LoggedEvent> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        var messages = new List<ChatMessage>();
        foreach (var logged in events)
            Apply(messages, logged.Seq, WarroomJson.SessionEventOf(logged.Body));
        return messages;
    }

    private static void Apply(List<ChatMessage> messages, long seq, SessionEvent? happened)
    {
        switch (happened)
        {
            case MessageSent sent:
                messages.Add(new() { Id = sent.MessageId, Seq = seq, Role = MessageRole.User, Text = sent.Text, By = sent.By, At = sent.At, Status = ReplyStatus.Complete });
                break;
            case ReplyStarted started:
                var before = messages.FindLastIndex(message => message.Id == (started.Replaces ?? started.Continues));
                var text = started.Continues is not null && before >= 0 ? messages[before].Text : "";
                if (before >= 0)
                    messages.RemoveAt(before);
                messages.Add(new()
                {
                    Id = started.ReplyId,
                    Seq = seq,
                    Role = MessageRole.Assistant,
                    Text = text,
                    By = started.By,
                    At = started.At,
                    Status = ReplyStatus.Streaming,
                    MessageId = started.MessageId,
                });
                break;
            case ReplyEnded ended:
                var at = messages.FindLastIndex(message => message.Id == ended.ReplyId);
                if (at >= 0)
                    messages[at] = messages[at] with { Text = ended.Text, Status = ended.Status, Outcome = ReplyOutcome.Of(ended) };
                break;
        }
    }
}
