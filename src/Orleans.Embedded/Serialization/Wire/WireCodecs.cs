using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Numerics;
using System.Reflection;
using System.Text.Json;
using Orleans.Embedded.CodeGeneration;
using Orleans.Embedded.Streams;
using Orleans.Runtime;
using Orleans.Streams;

namespace Orleans.Embedded.Serialization.Wire;

/// <summary>Finds or makes the codec of a static type. It is asked once for each type in the life of a process, by <see cref="Wire{T}"/>.</summary>
internal static class WireCodecs
{
    private static readonly ConcurrentDictionary<Assembly, IReadOnlyDictionary<Type, WireTypeDescriptor>> Generated = new();

    /// <summary>Types with codecs of their own. The generator has the same list: <c>WireTypes.cs</c> there.</summary>
    public static IReadOnlyDictionary<Type, WireCodec> Fixed { get; } = new WireCodec[]
    {
        new BooleanCodec(),
        new UnsignedCodec<byte>(),
        new SignedCodec<sbyte>(),
        new SignedCodec<short>(),
        new UnsignedCodec<ushort>(),
        new SignedCodec<int>(),
        new UnsignedCodec<uint>(),
        new SignedCodec<long>(),
        new UnsignedCodec<ulong>(),
        new SignedCodec<nint>(),
        new UnsignedCodec<nuint>(),
        new UnsignedCodec<char>(),
        new SingleCodec(),
        new DoubleCodec(),
        new DecimalCodec(),
        new Int128Codec(),
        new BytesCodec<BigInteger>(static value => value.ToByteArray(), static bytes => new BigInteger(bytes)),
        new StringCodec(),
        new GuidCodec(),
        new DateTimeCodec(),
        new DateTimeOffsetCodec(),
        new TimeSpanCodec(),
        new DateOnlyCodec(),
        new TimeOnlyCodec(),
        new TextFormCodec<Uri>(static value => value.OriginalString, static text => new Uri(text, UriKind.RelativeOrAbsolute)),
        new TextFormCodec<Version>(static value => value.ToString(), Version.Parse),
        new TextFormCodec<IPAddress>(static value => value.ToString(), IPAddress.Parse),
        new TextFormCodec<IPEndPoint>(static value => value.ToString(), IPEndPoint.Parse),
        new BytesCodec<byte[]>(static value => value, static bytes => bytes),
        new BytesCodec<Memory<byte>>(static value => value, static bytes => bytes),
        new BytesCodec<ReadOnlyMemory<byte>>(static value => value, static bytes => bytes),
        new BytesCodec<ImmutableArray<byte>>(
            static value => value.AsMemory(), System.Runtime.InteropServices.ImmutableCollectionsMarshal.AsImmutableArray),
        new JsonElementCodec(),
        new NoResultCodec(),
        new IdSpanCodec<IdSpan>(static value => value, static text => text),
        new IdSpanCodec<GrainType>(static value => value.Value, static text => new GrainType(text)),
        new IdSpanCodec<GrainInterfaceType>(static value => value.Value, static text => new GrainInterfaceType(text)),
        new GrainIdCodec(),
        new TextFormCodec<SiloAddress>(static value => value.ToParsableString(), SiloAddress.Parse),
        new TextFormCodec<ActivationId>(static value => value.ToParsableString(), ActivationId.FromParsableString),
        new TextFormCodec<GuidId>(static value => value.ToString(), static text => GuidId.GetGuidId(Guid.Parse(text))),
        new StreamIdCodec(),
        new StreamTokenCodec<StreamToken>(),
        new StreamTokenCodec<StreamSequenceToken>(),
        new RequestValuesCodec(),
        new PolymorphicCodec<object>(null),
    }.ToDictionary(codec => codec.ValueType);

    public static WireCodec Make(Type type)
    {
        if (Fixed.TryGetValue(type, out var known)) return known;
        if (type.IsEnum) return Generic(typeof(EnumCodec<>), type);
        if (CollectionFactory.Make(type) is { } collection) return collection;
        if (typeof(Exception).IsAssignableFrom(type)) return Generic(typeof(ExceptionCodec<>), type);
        if (typeof(IAddressable).IsAssignableFrom(type) && (type.IsInterface || typeof(GrainReference).IsAssignableFrom(type)))
            return Generic(typeof(ReferenceCodec<>), type);
        var exact = MakeExact(type);
        if (type.IsValueType || type.IsSealed) return exact ?? Generic(typeof(MissingCodec<>), type);
        return exact is not null || type.IsInterface || type.IsAbstract ? Generic(typeof(PolymorphicCodec<>), type, exact) : Generic(typeof(MissingCodec<>), type);
    }

    /// <summary>The generated codec of exactly this type; null if there is none.</summary>
    public static WireCodec? MakeExact(Type type)
    {
        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        if (!OfAssembly(type.Assembly).TryGetValue(definition, out var descriptor) || descriptor.Codec is not { } codec) return null;
        return (WireCodec)Activator.CreateInstance(type.IsGenericType ? codec.MakeGenericType(type.GenericTypeArguments) : codec, nonPublic: true)!;
    }

    private static IReadOnlyDictionary<Type, WireTypeDescriptor> OfAssembly(Assembly assembly) => Generated.GetOrAdd(assembly, static assembly =>
        assembly.GetCustomAttribute<GrainManifestAttribute>() is { } attribute
            ? ((IGrainManifest)Activator.CreateInstance(attribute.Manifest, nonPublic: true)!).WireTypes.ToDictionary(descriptor => descriptor.Type)
            : new Dictionary<Type, WireTypeDescriptor>());

    private static WireCodec Generic(Type definition, Type argument, params object?[] arguments) =>
        (WireCodec)Activator.CreateInstance(definition.MakeGenericType(argument), arguments)!;
}
