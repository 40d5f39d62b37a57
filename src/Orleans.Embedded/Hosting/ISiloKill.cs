namespace Orleans.Embedded.Hosting;

/// <summary>Ends a silo as a crash would; for tests.</summary>
internal interface ISiloKill
{
    void Kill();
}
