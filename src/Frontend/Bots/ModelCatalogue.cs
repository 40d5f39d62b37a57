using System.Collections.Immutable;
using Warroom.Models;

namespace Warroom.Frontend.Bots;

/// <summary>The model endpoints as they answer now, and as their gateways stand.</summary>
internal sealed class ModelCatalogue(IModelClients clients, IClusterClient cluster, TimeProvider time)
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(3);

    /// <summary>All endpoints with their models; one that does not answer within 3 s is listed with what is wrong.</summary>
    public async Task<ModelList> ListAsync(CancellationToken cancellationToken)
    {
        var endpoints = await Task.WhenAll(clients.Endpoints.Select(url => DescribeAsync(url, cancellationToken)));
        return new() { Endpoints = [.. endpoints] };
    }

    /// <summary>Asks one endpoint for its models; what is wrong if it does not answer within 3 s.</summary>
    public async Task<(ImmutableArray<OfferedModel> Models, string? Error)> AskAsync(string url, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(AnswerTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var models = await clients.ListAsync(url, either.Token);
            return ([.. models.Where(model => model.CanChat).Select(model => new OfferedModel { Name = model.Name, Family = model.Family, Size = model.ParameterSize, Simulated = model.Simulated })], null);
        }
        catch (ModelException exception)
        {
            return ([], exception.UserText);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return ([], "No answer within 3 s.");
        }
    }

    private async Task<ModelEndpoint> DescribeAsync(string url, CancellationToken cancellationToken)
    {
        var asking = AskAsync(url, cancellationToken);
        var gateway = await cluster.GetGrain<IModelGatewayGrain>(url).GetAsync();
        var (models, error) = await asking;
        return new() { Url = url, Healthy = error is null, Error = error, Circuit = gateway.Circuit, Active = gateway.Running, Queued = gateway.Queued, Models = models };
    }
}
