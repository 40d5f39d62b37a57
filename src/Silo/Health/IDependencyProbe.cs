namespace Warroom.Health;

/// <summary>Asks one thing that a process needs how it is.</summary>
public interface IDependencyProbe
{
    /// <summary>Its name in reports.</summary>
    string Name { get; }

    /// <summary>Whether nothing works without it.</summary>
    bool Required { get; }

    /// <summary>What is wrong, for people; <see langword="null"/> if nothing is. May fail, which counts as <see cref="Silence"/>.</summary>
    Task<string?> AskAsync();

    /// <summary>The sentence for no answer at all.</summary>
    string Silence { get; }
}
