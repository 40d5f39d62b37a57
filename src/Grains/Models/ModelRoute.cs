using Microsoft.Extensions.AI;

namespace Warroom.Models;

/// <summary>
/// The way of one question to an endpoint that answers it: the first in order with a free slot; if all are busy, the shortest queue; if one fails before its first token, the next.
/// Lives on the scheduler of the grain that asks. Dispose it when the answer is over: the slot goes back.
/// </summary>
public sealed class ModelRoute(IGrainFactory grains, IModelClients models) : IAsyncDisposable
{
    private IModelGatewayGrain? _gateway;
    private Guid _ticket;
    private string _asker = "";
    private IAsyncEnumerator<ChatResponseUpdate>? _updates;

    /// <summary>The place in the queue, 1 being the next; 0 when it is being asked.</summary>
    public int Queued { get; private set; }

    /// <summary>The model that is asked, or answers.</summary>
    public string Model { get; private set; } = "";

    /// <summary>Whether that model is a simulation.</summary>
    public bool Simulated { get; private set; }

    /// <summary>What the slot's use says of the endpoint; set it when the answer is over.</summary>
    public SlotOutcome Outcome { get; set; } = SlotOutcome.Unknown;

    /// <summary>Asks. Returns the stream of updates with the first one in <c>Current</c>; fails with <see cref="ModelException"/> when no endpoint begins to answer.</summary>
    /// <param name="asker">Between whom the queues are fair.</param>
    /// <param name="model">The model's name; empty: the first that an endpoint offers for chat.</param>
    /// <param name="messages">The conversation.</param>
    /// <param name="options">All but the model.</param>
    /// <param name="cancellationToken">Ends the waiting and, later, the answer.</param>
    public async Task<IAsyncEnumerator<ChatResponseUpdate>> OpenAsync(
        string asker, string model, IReadOnlyList<ChatMessage> messages, ChatOptions options, CancellationToken cancellationToken)
    {
        _asker = asker;
        var failures = new List<ModelException>();
        var left = models.Endpoints.ToList();
        while (await AdmitAsync(left, failures, cancellationToken) is { } endpoint)
        {
            left.Remove(endpoint);
            try
            {
                return await BeginAsync(endpoint, model, messages, options, cancellationToken);
            }
            catch (ModelException failure)
            {
                failures.Add(failure);
                Outcome = failure.CountsAgainstEndpoint ? SlotOutcome.Failed : SlotOutcome.Unknown;
                await ReleaseAsync();
            }
        }

        throw failures.Find(failure => failure.Failure is not (ModelFailure.ModelNotFound or ModelFailure.Overloaded))
            ?? failures.Find(failure => failure.Failure == ModelFailure.Overloaded)
            ?? failures.FirstOrDefault()
            ?? new ModelException(ModelFailure.Unavailable, "No model endpoint is configured.");
    }

    /// <summary>Says that the slot is still in use.</summary>
    public Task RenewAsync() => _gateway?.RenewAsync(_ticket) ?? Task.CompletedTask;

    /// <summary>Closes the answer and gives the slot back.</summary>
    public async ValueTask DisposeAsync() => await ReleaseAsync();

    private async Task<IAsyncEnumerator<ChatResponseUpdate>> BeginAsync(
        string endpoint, string model, IReadOnlyList<ChatMessage> messages, ChatOptions options, CancellationToken cancellationToken)
    {
        var offered = await models.ListAsync(endpoint, cancellationToken);
        var found = offered.FirstOrDefault(offer => model.Length == 0 ? offer.CanChat : IsNamed(offer, model));
        if (found is null)
            throw new ModelException(ModelFailure.ModelNotFound, model.Length == 0 ? $"{endpoint} has no model for chat." : $"{endpoint} does not have the model {model}.");
        (Model, Simulated) = (found.Name, found.Simulated);
        var asked = options.Clone();
        asked.ModelId = found.Name;
        _updates = models.Chat(endpoint).GetStreamingResponseAsync(messages, asked, cancellationToken).GetAsyncEnumerator(cancellationToken);
        if (!await _updates.MoveNextAsync())
            throw new ModelException(ModelFailure.Cut, $"{endpoint} answered nothing at all.");
        return _updates;
    }

    /// <summary>Gets a slot at one of the endpoints, and takes those that refuse out of the list; null when none is left.</summary>
    private async Task<string?> AdmitAsync(List<string> left, List<ModelException> failures, CancellationToken cancellationToken)
    {
        _ticket = Guid.NewGuid();
        while (left.Count > 0)
        {
            var shortest = (Endpoint: "", Ahead: int.MaxValue);
            foreach (var endpoint in left.ToArray())
            {
                var admission = await AskAsync(endpoint, mayQueue: false, left, failures, cancellationToken);
                if (admission.Kind == AdmissionKind.Granted)
                    return endpoint;
                if (admission.Kind == AdmissionKind.Queued && admission.Ahead < shortest.Ahead)
                    shortest = (endpoint, admission.Ahead);
            }

            if (shortest.Ahead < int.MaxValue)
                Queued = shortest.Ahead + 1;
            if (shortest.Ahead < int.MaxValue && await QueueAsync(shortest.Endpoint, left, failures, cancellationToken))
                return shortest.Endpoint;
        }

        return null;
    }

    private async Task<bool> QueueAsync(string endpoint, List<string> left, List<ModelException> failures, CancellationToken cancellationToken)
    {
        while (true)
        {
            var admission = await AskAsync(endpoint, mayQueue: true, left, failures, cancellationToken);
            Queued = admission.Kind == AdmissionKind.Queued ? admission.Ahead + 1 : 0;
            if (admission.Kind != AdmissionKind.Queued)
                return admission.Kind == AdmissionKind.Granted;
        }
    }

    private async Task<Admission> AskAsync(string endpoint, bool mayQueue, List<string> left, List<ModelException> failures, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var gateway = grains.GetGrain<IModelGatewayGrain>(endpoint);
        if (mayQueue)
            _gateway = gateway;
        var admission = await gateway.AskAsync(_ticket, _asker, mayQueue, cancellationToken);
        switch (admission.Kind)
        {
            case AdmissionKind.Granted:
                _gateway = gateway;
                break;
            case AdmissionKind.Full:
                left.Remove(endpoint);
                failures.Add(new(ModelFailure.Overloaded, $"The queue of {endpoint} is full."));
                break;
            case AdmissionKind.Open:
                left.Remove(endpoint);
                failures.Add(new(ModelFailure.Unavailable, $"{endpoint} failed too often and is left alone for a while."));
                break;
        }

        return admission;
    }

    private async Task ReleaseAsync()
    {
        if (_updates is { } updates)
        {
            _updates = null;
            await updates.DisposeAsync();
        }

        if (_gateway is { } gateway)
        {
            _gateway = null;
            await gateway.ReleaseAsync(_ticket, Outcome);
        }
    }

    private static bool IsNamed(ModelInfo offer, string model) =>
        string.Equals(offer.Name, model, StringComparison.OrdinalIgnoreCase) || string.Equals(offer.Name, model + ":latest", StringComparison.OrdinalIgnoreCase);
}
