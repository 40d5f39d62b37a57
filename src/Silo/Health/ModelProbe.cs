using Warroom.Models;

namespace Warroom.Health;

/// <summary>Ollama: without it bots say that it is not there, and all else works.</summary>
internal sealed class ModelProbe(IModelClients models, TimeProvider time) : IDependencyProbe
{
    public const string DependencyName = "ollama";

    public string Name => DependencyName;

    public bool Required => false;

    public string Silence => "Ollama does not answer.";

    public async Task<string?> AskAsync()
    {
        var answers = await Task.WhenAll(models.Endpoints.Select(url => models.AskAsync(url, time, CancellationToken.None)));
        return answers.Length == 0 ? "No model endpoint is configured." : Array.Exists(answers, answer => answer.Error is null) ? null : answers[0].Error;
    }
}
