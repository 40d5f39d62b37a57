namespace Orleans.Embedded.Hosting;

/// <summary>Remembers among the services that a silo or client is being set up.</summary>
internal sealed record BuilderMarker(object Builder);
