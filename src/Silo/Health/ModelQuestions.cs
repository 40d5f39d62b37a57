using Warroom.Models;

namespace Warroom.Health;

/// <summary>Asks model endpoints without waiting long.</summary>
public static class ModelQuestions
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(3);

    /// <summary>The models of one endpoint; what is wrong if it does not answer within 3 s.</summary>
    public static async Task<(IReadOnlyList<ModelInfo> Models, string? Error)> AskAsync(this IModelClients clients, string url, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(clients);
        using var timeout = new CancellationTokenSource(AnswerTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return (await clients.ListAsync(url, either.Token), null);
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
}
