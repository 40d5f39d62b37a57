namespace Warroom.Frontend.Tests.Support;

/// <summary>A reply that ended: its stored text, and what a viewer had put together of its tokens by then.</summary>
internal sealed record EndedReply(string Status, string Text, string? Error, string Seen);
