namespace Warroom.Hosting;

/// <summary>Tells those who stay connected to go elsewhere, once nobody new can come.</summary>
public interface IFarewell
{
    /// <summary>Tells all of them and does not wait for any that does not listen.</summary>
    Task SayAsync(CancellationToken cancellationToken);
}
