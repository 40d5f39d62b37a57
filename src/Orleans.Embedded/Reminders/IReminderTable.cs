using Orleans.Runtime;

namespace Orleans.Embedded.Reminders;

/// <summary>A registered reminder.</summary>
/// <param name="GrainId">Whose it is.</param>
/// <param name="Name">Its name.</param>
/// <param name="StartAt">When its first tick is due, UTC.</param>
/// <param name="Period">Time between two ticks.</param>
/// <param name="ETag">Which version of the row this is.</param>
/// <param name="LastTick">Which tick the grain has taken last, by the time it was due; null: none since it was registered.</param>
internal sealed record ReminderEntry(GrainId GrainId, string Name, DateTime StartAt, TimeSpan Period, string ETag, DateTime? LastTick = null) : IGrainReminder
{
    public string ReminderName => Name;

    /// <summary>The last tick that is due at a time, or null before the first.</summary>
    public DateTime? LastDue(DateTime at) => at < StartAt ? null : at - TimeSpan.FromTicks((at - StartAt).Ticks % Period.Ticks);

    /// <summary>The next tick strictly after a time: the first, or a whole number of periods later. One that the calendar has no day for is never due.</summary>
    public DateTime NextTick(DateTime after) => LastDue(after) is not { } last ? StartAt : Period <= DateTime.MaxValue - last ? last + Period : DateTime.MaxValue;
}

/// <summary>Where reminders are kept.</summary>
internal interface IReminderTable
{
    /// <summary>Checks at start that the table can be used.</summary>
    Task StartAsync(CancellationToken cancellationToken);

    Task<IReadOnlyList<ReminderEntry>> ReadAllAsync(CancellationToken cancellationToken);

    Task<IReadOnlyList<ReminderEntry>> ReadAsync(GrainId grainId);

    Task<ReminderEntry?> ReadAsync(GrainId grainId, string name);

    /// <summary>Writes a reminder, in place of the one of its name; gives it back with its new version.</summary>
    Task<ReminderEntry> UpsertAsync(ReminderEntry entry);

    Task RemoveAsync(GrainId grainId, string name);

    /// <summary>Notes that the grain has taken the tick that was due then, unless the reminder has changed since.</summary>
    Task NoteTickAsync(ReminderEntry entry, DateTime due);
}
