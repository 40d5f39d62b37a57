namespace Warroom.Streams;

/// <summary>Tells lists that something of theirs changed.</summary>
public static partial class CatalogueStream
{
    /// <summary>Publishes the change. Call it when it is durable; it never fails, because the change is there whether lists hear of it or not.</summary>
    /// <param name="grain">Who publishes.</param>
    /// <param name="kind"><c>service</c>, <c>bot</c> or <c>session</c>.</param>
    /// <param name="id">The key of what changed.</param>
    /// <param name="logger">For a failure.</param>
    public static async Task TellCatalogueAsync(this Grain grain, string kind, string id, ILogger logger)
    {
        try
        {
            await grain.GetStreamProvider(WarroomStreams.Provider).GetStream<CatalogueChange>(WarroomStreams.Catalogue).OnNextAsync(new() { Kind = kind, Id = id });
        }
        catch (Exception exception)
        {
            // The end of the line: nobody is left who could do anything about it, and lists are read again when a page comes back.
            LogPublishFailed(logger, exception, kind, id);
        }
    }

    [LoggerMessage(3201, LogLevel.Error, "Lists were not told that {Kind} {Id} changed")]
    private static partial void LogPublishFailed(ILogger logger, Exception exception, string kind, string id);
}
