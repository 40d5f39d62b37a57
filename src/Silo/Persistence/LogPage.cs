namespace Warroom.Persistence;

/// <summary>A part of a log.</summary>
/// <param name="Events">Consecutive events, in order.</param>
/// <param name="Version">The number of the log's last event, at or after the last of <paramref name="Events"/>.</param>
/// <param name="More">Whether there are events after the last of <paramref name="Events"/>.</param>
public sealed record LogPage(IReadOnlyList<LoggedEvent> Events, long Version, bool More);
