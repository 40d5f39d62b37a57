using System.Text;
using Orleans.Runtime;

namespace Orleans.Embedded.Messaging;

/// <summary>Names of grain types by their UTF-8, so that a call that comes in makes no text of a name that is known.</summary>
internal static class GrainTypeNames
{
    /// <summary>More names than any process has; beyond it names are made anew, so that nobody can fill the memory.</summary>
    public const int NamesMax = 4096;

    private static readonly Lock Gate = new();
    private static Dictionary<int, (byte[] Name, GrainType Type)> s_known = [];

    /// <summary>How many names are known.</summary>
    public static int Count => Volatile.Read(ref s_known).Count;

    public static GrainType Get(ReadOnlySpan<byte> name)
    {
        var hash = Hash(name);
        return Volatile.Read(ref s_known).TryGetValue(hash, out var found) && name.SequenceEqual(found.Name) ? found.Type : Add(hash, name);
    }

    private static GrainType Add(int hash, ReadOnlySpan<byte> name)
    {
        var type = new GrainType(new IdSpan(Encoding.UTF8.GetString(name)));
        lock (Gate)
        {
            if (s_known.Count < NamesMax) Volatile.Write(ref s_known, new Dictionary<int, (byte[], GrainType)>(s_known) { [hash] = (name.ToArray(), type) });
        }

        return type;
    }

    private static int Hash(ReadOnlySpan<byte> name)
    {
        var hash = 17;
        foreach (var value in name) hash = (hash * 31) + value;
        return hash;
    }
}
