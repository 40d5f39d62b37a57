namespace Warroom.Engine.Tests.Conformance;

/// <summary>
/// Holds what the engine offers against the real thing. The engine may offer less; what it offers must look the same, so that a program
/// that compiles against it compiles against Orleans.
/// </summary>
/// <param name="offered">The engine's public types.</param>
/// <param name="real">Those of the real assemblies at hand.</param>
internal sealed class ApiComparison(IEnumerable<ApiType> offered, IEnumerable<ApiType> real)
{
    // What a class overrides of Object is its own affair.
    private static readonly string[] OfObject = ["ToString", "Equals", "GetHashCode"];

    private readonly Dictionary<string, ApiType> _offered = offered.ToDictionary(type => type.Name);
    private readonly Dictionary<string, ApiType> _real = real.ToDictionary(type => type.Name);

    /// <summary>The types of the engine that the real assemblies at hand do not have.</summary>
    public IEnumerable<string> NotAtHand => _offered.Keys.Where(name => !_real.ContainsKey(name)).Order(StringComparer.Ordinal);

    /// <summary>How many types were compared.</summary>
    public int Compared => _offered.Keys.Count(_real.ContainsKey);

    /// <summary>Each difference as one line, in the order of the types' names.</summary>
    public IEnumerable<string> Differences() => _offered.Values
        .Where(type => _real.ContainsKey(type.Name))
        .OrderBy(type => type.Name, StringComparer.Ordinal)
        .SelectMany(type => Differences(type, _real[type.Name]).Select(line => $"{type.Name}: {line}"));

    /// <summary>
    /// Of the types that are not at hand only the calls are seen that other assemblies make to them. A method that the engine offers must
    /// be one of those of that name, unless those seen take another number of arguments: then it may be an overload that nobody calls.
    /// The constructors of binary serialisation are left aside.
    /// </summary>
    public IEnumerable<string> Differences(IEnumerable<UsedMember> used)
    {
        var seen = used.Where(member => !member.Shape.Contains("SerializationInfo", StringComparison.Ordinal) && !_real.ContainsKey(Open(member.Type))).ToLookup(member => (Open(member.Type), member.Name));
        foreach (var type in _offered.Values.OrderBy(type => type.Name, StringComparer.Ordinal))
        {
            foreach (var members in type.Members.ToLookup(member => member.Name))
            {
                foreach (var shape in seen[(type.Name, members.Key)].Select(member => member.Shape).Distinct())
                {
                    var rivals = members.Where(member => Kind(member.Shape) == Kind(shape)).ToList();
                    if (rivals.Count > 0 && !rivals.Exists(member => member.Shape == shape))
                        yield return $"{type.Name}: real assemblies call {shape}, the engine has {string.Join(" | ", rivals.Select(member => member.Shape))}";
                }
            }
        }
    }

    // Overloads are told apart by the number of their type parameters and of their arguments.
    private static (string Name, int Arguments) Kind(string shape) => (shape[..shape.IndexOf('(')].Split(' ')[^1], Arguments(shape));

    private static int Arguments(string shape)
    {
        var depth = 0;
        return shape.EndsWith("()", StringComparison.Ordinal) ? 0 : shape.Count(letter =>
        {
            depth += letter is '<' or '[' ? 1 : letter is '>' or ']' ? -1 : 0;
            return letter == ',' && depth == 0;
        }) + 1;
    }

    private IEnumerable<string> Differences(ApiType mine, ApiType theirs)
    {
        if (mine.Kind != theirs.Kind) yield return $"is a {mine.Kind}, really a {theirs.Kind}";
        if (mine.Generics != theirs.Generics) yield return $"type parameters{mine.Generics}, really{theirs.Generics}";
        if (mine.AttributeUsage != theirs.AttributeUsage) yield return $"attribute usage {mine.AttributeUsage ?? "unsaid"}, really {theirs.AttributeUsage ?? "unsaid"}";
        if (mine.Base != NearestOffered(theirs.Base)) yield return $"derives from {mine.Base}, really from {theirs.Base}";

        var theirInterfaces = WithInherited(theirs, _real).ToHashSet();
        foreach (var face in WithInherited(mine, _offered).Where(face => !theirInterfaces.Contains(face))) yield return $"implements {face}, really not";
        var myInterfaces = WithInherited(mine, _offered).ToHashSet();
        foreach (var face in theirInterfaces.Where(face => _offered.ContainsKey(Open(face)) && !myInterfaces.Contains(face)))
            yield return $"does not implement {face}, really does";

        var theirMembers = Lineage(theirs).SelectMany(type => type.Members).ToLookup(member => member.Name);
        foreach (var member in mine.Members.Where(member => !OfObject.Contains(member.Name)))
        {
            var same = theirMembers[member.Name].ToList();
            if (same.Exists(other => other.Signature == member.Signature)) continue;
            yield return same.Count == 0
                ? $"has {member.Signature}, really nothing of that name"
                : $"has {member.Signature}, really {string.Join(" | ", same.Select(other => other.Signature))}";
        }
    }

    // A class of the engine may leave out a base class that the engine does not offer.
    private string? NearestOffered(string? name)
    {
        while (name is not null && IsOrleans(name) && !_offered.ContainsKey(Open(name))) name = _real.GetValueOrDefault(Open(name))?.Base;
        return name;
    }

    private IEnumerable<ApiType> Lineage(ApiType type)
    {
        for (var current = type; current is not null; current = current.Base is { } name ? _real.GetValueOrDefault(Open(name)) : null) yield return current;
    }

    private static IEnumerable<string> WithInherited(ApiType type, Dictionary<string, ApiType> all)
    {
        var direct = type.Base is { } name && all.TryGetValue(Open(name), out var parent) ? WithInherited(parent, all) : [];
        return direct
            .Concat(type.Interfaces.SelectMany(face => all.TryGetValue(Open(face), out var inner) ? WithInherited(inner, all).Prepend(face) : [face]))
            .Distinct();
    }

    private static string Open(string name) => name.IndexOf('<') is var at and > 0 ? name[..at] : name;

    private static bool IsOrleans(string name) => name.StartsWith("Orleans.", StringComparison.Ordinal);
}
