using Warroom.Models;

namespace Warroom.Frontend.Bots;

/// <summary>The model endpoints as they answer now.</summary>
internal sealed class ModelCatalogue(IModelClients clients, TimeProvider time)
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(3);

    /// <summary>All endpoints with their models; one that does not answer within 3 s is listed with what is wrong.</summary>
    public async Task<ModelList> ListAsync(CancellationToken cancellationToken)
    {
        var endpoints = await Task.WhenAll(clients.Endpoints.Select(url => AskAsync(url, cancellationToken)));
        return new() { Endpoints = [.. endpoints] };
    }

    /// <summary>Asks one endpoint.</summary>
    public async Task<ModelEndpoint> AskAsync(string url, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(AnswerTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var models = await clients.ListAsync(url, either.Token);
            return new()
            {
                Url = url,
                Healthy = true,
                Circuit = "closed",
                Active = 0,
                Queued = 0,
                Models = [.. models.Where(model => model.CanChat).Select(model => new OfferedModel { Name = model.Name, Family = model.Family, Size = model.ParameterSize, Simulated = model.Simulated })],
            };
        }
        catch (ModelException exception)
        {
            return Unhealthy(url, exception.UserText);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return Unhealthy(url, "No answer within 3 s.");
        }
    }

    private static ModelEndpoint Unhealthy(string url, string error) => new() { Url = url, Healthy = false, Error = error, Circuit = "closed", Active = 0, Queued = 0, Models = [] };
}
