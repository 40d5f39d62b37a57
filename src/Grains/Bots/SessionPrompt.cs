using Microsoft.Extensions.AI;
using ModelMessage = Microsoft.Extensions.AI.ChatMessage;

namespace Warroom.Bots;

/// <summary>What of a session the model is given. Pure.</summary>
public static class SessionPrompt
{
    /// <summary>
    /// The newest messages and replies up to the message that is answered, as many as fit into a number of characters (that message always does), in order; then, if the reply
    /// goes on from a text, that text as the assistant's last message, which Ollama continues.
    /// </summary>
    /// <param name="history">The session; what comes after the message that is answered is left out.</param>
    /// <param name="messageId">The message that is answered.</param>
    /// <param name="begun">The text that the reply goes on from; empty for a new one.</param>
    /// <param name="charactersMax">The budget.</param>
    public static IReadOnlyList<ModelMessage> Build(IReadOnlyList<ChatMessage> history, Guid messageId, string begun, int charactersMax)
    {
        ArgumentNullException.ThrowIfNull(history);
        ArgumentNullException.ThrowIfNull(begun);
        var chosen = new LinkedList<ModelMessage>();
        if (begun.Length > 0)
            chosen.AddFirst(new ModelMessage(ChatRole.Assistant, begun));
        var left = charactersMax - begun.Length;
        var at = history.Count - 1;
        while (at >= 0 && history[at].Id != messageId)
            at--;
        for (var i = at; i >= 0; i--)
        {
            var message = history[i];
            if (message.Text.Length == 0)
                continue;
            left -= message.Text.Length;
            if (left < 0 && i != at)
                break;
            chosen.AddFirst(new ModelMessage(message.Role == MessageRole.User ? ChatRole.User : ChatRole.Assistant, message.Text));
        }

        return [.. chosen];
    }
}
