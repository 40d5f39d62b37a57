using Orleans.Runtime;

namespace Orleans.Embedded.Placement;

/// <summary>
/// Rendezvous hashing over a set of silos: a key belongs to the silo whose score for it is highest. A silo that comes or goes moves only keys that it
/// gets or had, in equal shares from or to the others. Which order the silos are given in does not matter.
/// </summary>
internal sealed class Rendezvous
{
    private readonly SiloAddress[] _silos;
    private readonly ulong[] _seeds;

    public Rendezvous(IEnumerable<SiloAddress> silos)
    {
        // The order decides between equal scores, so it must be everybody's.
        _silos = [.. silos.OrderBy(silo => silo.ToParsableString(), StringComparer.Ordinal)];
        _seeds = [.. _silos.Select(silo => KeyHash.Of(silo.ToParsableString()))];
    }

    public IReadOnlyList<SiloAddress> Silos => _silos;

    public SiloAddress? Owner(ulong keyHash) => IndexOfOwner(keyHash) is var index and >= 0 ? _silos[index] : null;

    /// <summary>The owner's place in <see cref="Silos"/>; -1 if there is no silo.</summary>
    public int IndexOfOwner(ulong keyHash)
    {
        var best = -1;
        var bestScore = 0UL;
        var seeds = _seeds;
        for (var i = 0; i < seeds.Length; i++)
        {
            var score = Mix(keyHash ^ seeds[i]);
            if (best >= 0 && score <= bestScore) continue;
            best = i;
            bestScore = score;
        }

        return best;
    }

    /// <summary>The finishing steps of MurmurHash3: every bit of the input changes every bit of the outcome with even chance.</summary>
    private static ulong Mix(ulong value)
    {
        value ^= value >> 33;
        value *= 0xff51afd7ed558ccd;
        value ^= value >> 33;
        value *= 0xc4ceb9fe1a85ec53;
        return value ^ (value >> 33);
    }
}
