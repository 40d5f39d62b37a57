using Microsoft.Extensions.AI;

namespace Warroom.Models;

/// <summary>
/// The way to models: an ordered list of endpoints, the first being preferred, each with its <see cref="IChatClient"/>. The silo registers Ollama's; any other can stand in for it.
/// The clients stream one <see cref="ChatResponseUpdate"/> for each read of the model's body, with one <see cref="TextContent"/> for each token, and fail with <see cref="ModelException"/>.
/// </summary>
public interface IModelClients
{
    /// <summary>The endpoints' names, which are the keys of their gateway grains.</summary>
    IReadOnlyList<string> Endpoints { get; }

    /// <summary>The client of one endpoint; the same one each time.</summary>
    IChatClient Chat(string endpoint);

    /// <summary>The models that an endpoint has now, not older than some seconds. Fails with <see cref="ModelException"/>.</summary>
    Task<IReadOnlyList<ModelInfo>> ListAsync(string endpoint, CancellationToken cancellationToken = default);
}

/// <summary>A model that an endpoint has.</summary>
/// <param name="Name">Its name, such as <c>llama3.2:3b</c>.</param>
/// <param name="Family">Its family, such as <c>llama</c>.</param>
/// <param name="ParameterSize">Its size in words, such as <c>3.2B</c>.</param>
/// <param name="Simulated">Whether nothing but canned text is behind the name.</param>
/// <param name="CanChat">Whether it is for chat (others only embed).</param>
public sealed record ModelInfo(string Name, string Family, string ParameterSize, bool Simulated, bool CanChat);
