using Orleans.Embedded.Messaging;
using Orleans.Embedded.References;

namespace Orleans.Runtime;

/// <summary>A reference to a grain or observer. Cheap to make and to keep; equal to every other reference to the same.</summary>
public class GrainReference : IAddressable, IEquatable<GrainReference>
{
    internal GrainReference(ReferenceShared shared, IdSpan key)
    {
        Shared = shared;
        Key = key;
    }

    /// <summary>Who is referred to.</summary>
    public GrainId GrainId => new(Shared.GrainType, Key);

    /// <summary>Through which interface.</summary>
    public GrainInterfaceType InterfaceType => Shared.InterfaceType;

    /// <summary>The interface's full name.</summary>
    public virtual string InterfaceName => Shared.InterfaceName;

    internal ReferenceShared Shared { get; }

    internal IdSpan Key { get; }

    /// <summary>Where the last call went; it says itself when it has ended.</summary>
    internal ICallTarget? Target { get; set; }

    /// <summary>The same grain through another of its interfaces.</summary>
    public virtual TGrainInterface Cast<TGrainInterface>() where TGrainInterface : IAddressable =>
        this is TGrainInterface same ? same : (TGrainInterface)(object)Shared.Factory.Create(typeof(TGrainInterface), GrainId);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as GrainReference);

    /// <summary>Whether both refer to the same, through whatever interface.</summary>
    public bool Equals(GrainReference? other) => other is not null && GrainId.Equals(other.GrainId);

    /// <inheritdoc/>
    public override int GetHashCode() => GrainId.GetHashCode();

    /// <summary>A hash that is the same in every process and version.</summary>
    public uint GetUniformHashCode() => GrainId.GetUniformHashCode();

    /// <inheritdoc/>
    public sealed override string ToString() => $"GrainReference:{GrainId}:{InterfaceName}";

    /// <summary>Whether both refer to the same.</summary>
    public static bool operator ==(GrainReference? reference1, GrainReference? reference2) =>
        reference1 is null ? reference2 is null : reference1.Equals(reference2);

    /// <summary>Whether they refer to different things.</summary>
    public static bool operator !=(GrainReference? reference1, GrainReference? reference2) => !(reference1 == reference2);
}
