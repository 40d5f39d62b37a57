namespace Orleans.Runtime;

/// <summary>Runs once, when the silo has become able to serve.</summary>
public interface IStartupTask
{
    /// <summary>Runs; an exception fails the start of the silo.</summary>
    Task Execute(CancellationToken cancellationToken);
}
