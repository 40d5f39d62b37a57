namespace Orleans.Embedded.Hosting;

/// <summary>A startup task and when it runs.</summary>
internal sealed record StartupTaskRegistration(int Stage, Func<IServiceProvider, CancellationToken, Task> Run);
