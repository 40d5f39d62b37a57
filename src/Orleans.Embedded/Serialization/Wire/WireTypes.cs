using System.Text;
using Orleans.Embedded.CodeGeneration;
using Orleans.Runtime;

namespace Orleans.Embedded.Serialization.Wire;

/// <summary>The names in messages: of types, for values whose type is not known from where they stand, and of methods.</summary>
internal sealed class WireTypes
{
    private const int NameLengthMax = 1024;
    private const string ArrayName = "$[]";

    private readonly Dictionary<string, NamedType> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<Type, NamedType> _byType = [];
    private readonly Dictionary<string, GrainRequestDescriptor> _requests = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Type> _interfaces = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Type> _definitions = new(StringComparer.Ordinal);
    private readonly Dictionary<Type, string> _definitionNames = [];
    private readonly NamedType _exception = new("$exception", static () => Wire<Exception>.Codec);
    private readonly NamedType _reference = new("$reference", static () => Wire<IAddressable>.Codec);

    public WireTypes(IEnumerable<IGrainManifest> manifests)
    {
        Add(typeof(Exception), _exception);
        Add(typeof(GrainReference), _reference);
        foreach (var (type, codec) in WireCodecs.Fixed)
            if (type != typeof(object)) Add(type, new NamedType($"${type.Name}", () => codec));
        foreach (var definition in CollectionFactory.Definitions) AddDefinition(definition, $"${definition.FullName}");
        AddFixed<string[]>();
        AddFixed<object[]>();
        AddFixed<int[]>();
        AddFixed<long[]>();
        AddFixed<Guid[]>();
        foreach (var manifest in manifests)
        {
            foreach (var descriptor in manifest.WireTypes) Add(descriptor);
            foreach (var grainInterface in manifest.Interfaces)
            {
                _interfaces[grainInterface.Name] = grainInterface.Type;
                foreach (var request in grainInterface.Requests) _requests[$"{grainInterface.Name}/{request.Method}"] = request;
            }
        }

        // Written by hand: its target is any grain, through the observers that its activation has.
        _requests[Streams.StreamDelivery.WireName] = new(Streams.StreamDelivery.WireName, static () => new Streams.StreamDelivery());
    }

    /// <summary>The name under which a value of an unknown static type travels.</summary>
    /// <exception cref="NotSupportedException">It has none.</exception>
    public NamedType Of(object value)
    {
        if (_byType.TryGetValue(value.GetType(), out var named) && value is not Exception) return named;
        return value switch
        {
            Exception => _exception,
            GrainReference => _reference,
            _ => throw new NotSupportedException(
                $"A {value.GetType()} cannot be sent where its type is not known: give it [GenerateSerializer], and each of its members an [Id]; generic types and collections cannot stand there."),
        };
    }

    /// <summary>Writes which type it is: simple ones and those of manifests, arrays of such, and the generic ones that the format knows, of such.</summary>
    /// <exception cref="NotSupportedException">It is another.</exception>
    public void WriteType(ref WireWriter writer, Type type)
    {
        writer.Enter();
        if (_byType.TryGetValue(type, out var named))
        {
            writer.Bytes(named.Name);
        }
        else if (type.IsSZArray)
        {
            writer.Text(ArrayName);
            WriteType(ref writer, type.GetElementType()!);
        }
        else if (type.IsGenericType && _definitionNames.TryGetValue(type.GetGenericTypeDefinition(), out var definition))
        {
            writer.Text(definition);
            foreach (var argument in type.GenericTypeArguments) WriteType(ref writer, argument);
        }
        else
        {
            throw new NotSupportedException(
                $"{type} is a type argument of a call that goes to another process: such can be simple types, those with [GenerateSerializer] and collections of them.");
        }

        writer.Leave();
    }

    public Type ReadType(ref WireReader reader)
    {
        reader.Enter();
        var type = ReadTypeInner(ref reader);
        reader.Leave();
        return type;
    }

    /// <summary>The type's name if it is an exception that a manifest lists.</summary>
    public NamedType? OfException(Type type) => _byType.TryGetValue(type, out var named) && type != typeof(Exception) ? named : null;

    /// <summary>The codec behind a name that a message gives; null if there is none here.</summary>
    public WireCodec? Find(ReadOnlySpan<byte> name) => Find(_byName, name)?.Codec;

    /// <summary>The codec of an exception's members; null if the name is not that of an exception which a manifest lists.</summary>
    public WireCodec? FindException(string name) =>
        _byName.TryGetValue(name, out var named) && named != _exception && named.Codec is { } codec && typeof(Exception).IsAssignableFrom(codec.ValueType) ? codec : null;

    public Type? FindInterface(string name) => _interfaces.GetValueOrDefault(name);

    /// <summary>The method that a message names, <c>interface/method</c>; null if there is none here.</summary>
    public GrainRequestDescriptor? FindRequest(ReadOnlySpan<byte> name) => Find(_requests, name);

    private Type ReadTypeInner(ref WireReader reader)
    {
        var name = reader.Bytes();
        if (Find(name) is { } codec) return codec.ValueType;
        var text = Encoding.UTF8.GetString(name[..Math.Min(name.Length, NameLengthMax)]);
        if (text == ArrayName) return ReadType(ref reader).MakeArrayType();
        if (!_definitions.TryGetValue(text, out var definition)) WireReader.Fail($"this process has no message type \"{text}\"");
        var arguments = new Type[definition.GetGenericArguments().Length];
        for (var i = 0; i < arguments.Length; i++) arguments[i] = ReadType(ref reader);
        return definition.MakeGenericType(arguments);
    }

    private static T? Find<T>(Dictionary<string, T> names, ReadOnlySpan<byte> name) where T : class
    {
        if (name.Length > NameLengthMax) return null;
        Span<char> text = stackalloc char[NameLengthMax];
        var length = Encoding.UTF8.GetChars(name, text);
        return names.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text[..length], out var found) ? found : null;
    }

    private void AddFixed<T>() => Add(typeof(T), new NamedType($"${typeof(T).Name}", static () => Wire<T>.Codec));

    private void Add(WireTypeDescriptor descriptor)
    {
        var type = descriptor.Type;
        if (type.IsGenericTypeDefinition) AddDefinition(type, descriptor.Name);
        if (type.IsGenericTypeDefinition || (descriptor.Codec is null && !type.IsEnum)) return;
        Add(type, new NamedType(descriptor.Name, () => WireCodecs.MakeExact(type) ?? WireCodecs.Make(type)));
    }

    private void AddDefinition(Type definition, string name)
    {
        _definitions[name] = definition;
        _definitionNames[definition] = name;
    }

    private void Add(Type type, NamedType named)
    {
        if (!_byName.TryAdd(named.Text, named))
        {
            var other = _byType.First(pair => pair.Value == _byName[named.Text]).Key;
            throw new OrleansConfigurationException($"Message types {type} and {other} have the same name {named.Text}: give one another [Alias].");
        }

        _byType[type] = named;
    }

    /// <summary>A type's name with its codec, which is made when it is first needed.</summary>
    internal sealed class NamedType(string name, Func<WireCodec> make)
    {
        private WireCodec? _codec;

        public string Text => name;

        public byte[] Name { get; } = Encoding.UTF8.GetBytes(name);

        public WireCodec Codec => _codec ??= make();
    }
}
