using Microsoft.Extensions.DependencyInjection;
using Orleans.Embedded.Reminders;
using Orleans.Runtime;

namespace Orleans;

/// <summary>Reminders of a grain.</summary>
public static class GrainReminderExtensions
{
    /// <summary>
    /// Registers a reminder, or changes the one of that name. It is in the reminder table when the task completes; a repeat is safe.
    /// </summary>
    /// <param name="grain">The grain; it implements <see cref="IRemindable"/>.</param>
    /// <param name="reminderName">The reminder's name.</param>
    /// <param name="dueTime">Time to the first tick, zero or more.</param>
    /// <param name="period">Time between two ticks, at least <see cref="Hosting.ReminderOptions.MinimumReminderPeriod"/>.</param>
    /// <exception cref="InvalidOperationException">The grain is no <see cref="IRemindable"/>, or the silo has no reminder service.</exception>
    /// <exception cref="ArgumentException">The period is too short, the due time negative or the name blank.</exception>
    public static Task<IGrainReminder> RegisterOrUpdateReminder(this Grain grain, string reminderName, TimeSpan dueTime, TimeSpan period) =>
        Register(grain, grain?.GrainContext, reminderName, dueTime, period);

    /// <inheritdoc cref="RegisterOrUpdateReminder(Grain, string, TimeSpan, TimeSpan)"/>
    public static Task<IGrainReminder> RegisterOrUpdateReminder(this IGrainBase grain, string reminderName, TimeSpan dueTime, TimeSpan period) =>
        Register(grain, grain?.GrainContext, reminderName, dueTime, period);

    /// <summary>Deletes a reminder. One that is gone already is no error.</summary>
    public static Task UnregisterReminder(this Grain grain, IGrainReminder reminder) => Unregister(grain?.GrainContext, reminder);

    /// <summary>Deletes a reminder. One that is gone already is no error.</summary>
    public static Task UnregisterReminder(this IGrainBase grain, IGrainReminder reminder) => Unregister(grain?.GrainContext, reminder);

    /// <summary>The reminder of that name, or null.</summary>
    public static Task<IGrainReminder?> GetReminder(this Grain grain, string reminderName) => Get(grain?.GrainContext, reminderName);

    /// <summary>The reminder of that name, or null.</summary>
    public static Task<IGrainReminder?> GetReminder(this IGrainBase grain, string reminderName) => Get(grain?.GrainContext, reminderName);

    /// <summary>All reminders of the grain.</summary>
    public static Task<List<IGrainReminder>> GetReminders(this Grain grain) => GetAll(grain?.GrainContext);

    /// <summary>All reminders of the grain.</summary>
    public static Task<List<IGrainReminder>> GetReminders(this IGrainBase grain) => GetAll(grain?.GrainContext);

    private static Task<IGrainReminder> Register(object? grain, IGrainContext? context, string reminderName, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(context, nameof(grain));
        ArgumentException.ThrowIfNullOrWhiteSpace(reminderName);
        if (grain is not IRemindable)
            throw new InvalidOperationException($"Grain {context.GrainId} must implement {nameof(IRemindable)} to have reminders.");
        return Registry(context).RegisterOrUpdateAsync(context.GrainId, reminderName, dueTime, period);
    }

    private static Task Unregister(IGrainContext? context, IGrainReminder reminder)
    {
        ArgumentNullException.ThrowIfNull(context, "grain");
        ArgumentNullException.ThrowIfNull(reminder);
        return Registry(context).UnregisterAsync(context.GrainId, reminder);
    }

    private static Task<IGrainReminder?> Get(IGrainContext? context, string reminderName)
    {
        ArgumentNullException.ThrowIfNull(context, "grain");
        ArgumentException.ThrowIfNullOrWhiteSpace(reminderName);
        return Registry(context).GetAsync(context.GrainId, reminderName);
    }

    private static Task<List<IGrainReminder>> GetAll(IGrainContext? context)
    {
        ArgumentNullException.ThrowIfNull(context, "grain");
        return Registry(context).GetAllAsync(context.GrainId);
    }

    private static IReminderRegistry Registry(IGrainContext context) =>
        context.ActivationServices.GetService<IReminderRegistry>() ?? throw new InvalidOperationException(
            "This silo has no reminder service: call UseInMemoryReminderService or UseAdoNetReminderService on its builder.");
}
