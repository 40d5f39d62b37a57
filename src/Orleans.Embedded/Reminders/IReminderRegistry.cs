using Orleans.Runtime;

namespace Orleans.Embedded.Reminders;

/// <summary>What the reminder extensions of grains call.</summary>
internal interface IReminderRegistry
{
    Task<IGrainReminder> RegisterOrUpdateAsync(GrainId grainId, string name, TimeSpan dueTime, TimeSpan period);

    Task UnregisterAsync(GrainId grainId, IGrainReminder reminder);

    Task<IGrainReminder?> GetAsync(GrainId grainId, string name);

    Task<List<IGrainReminder>> GetAllAsync(GrainId grainId);
}
