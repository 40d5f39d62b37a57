using Warroom.Health;
using Warroom.Models;

namespace Warroom.Frontend.Bots;

/// <summary>The model endpoints as they answer now, and as their gateways stand.</summary>
internal sealed class ModelCatalogue(IModelClients clients, IClusterClient cluster, TimeProvider time)
{
    /// <summary>All endpoints with their models; one that does not answer within 3 s is listed with what is wrong.</summary>
    public async Task<ModelList> ListAsync(CancellationToken cancellationToken)
    {
        var endpoints = await Task.WhenAll(clients.Endpoints.Select(url => DescribeAsync(url, cancellationToken)));
        return new() { Endpoints = [.. endpoints] };
    }

    private async Task<ModelEndpoint> DescribeAsync(string url, CancellationToken cancellationToken)
    {
        var asking = clients.AskAsync(url, time, cancellationToken);
        var gateway = await cluster.GetGrain<IModelGatewayGrain>(url).GetAsync();
        var (models, error) = await asking;
        return new() { Url = url, Healthy = error is null, Error = error, Circuit = gateway.Circuit, Active = gateway.Running, Queued = gateway.Queued, Models = [.. models.Where(model => model.CanChat).Select(Offer)] };
    }

    private static OfferedModel Offer(ModelInfo model) => new() { Name = model.Name, Family = model.Family, Size = model.ParameterSize, Simulated = model.Simulated };
}
