namespace Warroom.Engine.Tests.Support;

/// <summary>Filters of the shared cluster. They do nothing unless the caller names a recording in its request context.</summary>
internal static class NotingFilters
{
    public const string RecordingKey = "filters note";

    public const string DoubledKey = "filters double";

    public static async Task NoteAsync(string name, IGrainCallContext context)
    {
        if (RequestContext.Get(RecordingKey) is not string key)
        {
            await context.Invoke();
            return;
        }

        Recording.Of(key).Add($"{name} {context.MethodName}");
        await context.Invoke();
        if (RequestContext.Get(DoubledKey) is not null && context.Result is int number) context.Result = number * 2;
        Recording.Of(key).Add($"{name} {context.MethodName} done");
    }
}
