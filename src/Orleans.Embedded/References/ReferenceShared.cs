using Orleans.Embedded.CodeGeneration;
using Orleans.Embedded.Messaging;
using Orleans.Runtime;

namespace Orleans.Embedded.References;

/// <summary>What all references of one interface to one grain type have in common.</summary>
internal sealed class ReferenceShared(
    ReferenceFactory factory, CallSender sender, GrainType grainType, GrainInterfaceDescriptor descriptor)
{
    public ReferenceFactory Factory => factory;

    public CallSender Sender => sender;

    public GrainType GrainType => grainType;

    public GrainInterfaceDescriptor Descriptor => descriptor;

    public GrainInterfaceType InterfaceType { get; } = new(descriptor.Name);

    public string InterfaceName => descriptor.Type.FullName ?? descriptor.Type.Name;

    public GrainReference Create(IdSpan key) => descriptor.Create(new GrainReferenceSeed(this, key));
}
