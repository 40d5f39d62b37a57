using System.Collections;
using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.CompilerServices;
using Orleans.Embedded.References;
using Orleans.Embedded.Streams;
using Orleans.Streams;

namespace Warroom.Engine.Tests.Wire;

/// <summary>Values of any type, made of chance, and whether two of them are the same throughout.</summary>
internal sealed class Samples(int seed)
{
    private const int DepthMax = 5;
    private const BindingFlags Instance = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly Type[] Boxed = [typeof(int), typeof(string), typeof(Guid), typeof(DateTimeOffset), typeof(bool), typeof(double)];

    private readonly Random _random = new(seed);

    public object? Make(Type type, int depth = 0)
    {
        if (Simple(type) is { } simple) return simple;
        if (type == typeof(object)) return Make(Boxed[_random.Next(Boxed.Length)], depth);
        if (Nullable.GetUnderlyingType(type) is { } inner) return _random.Next(3) == 0 ? null : Make(inner, depth);
        if (type.IsEnum) return Enum.GetValues(type).GetValue(_random.Next(Enum.GetValues(type).Length));
        if (typeof(IAddressable).IsAssignableFrom(type)) return Reference(type);
        if (!type.IsValueType && _random.Next(8) == 0 && depth > 0) return null;
        if (type.IsArray) return Items(type.GetElementType()!, depth);
        if (type.IsGenericType && Generic(type, depth) is { } generic) return generic;
        if (typeof(Exception).IsAssignableFrom(type) && !MembersOf(type).Any()) return Activator.CreateInstance(type, BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, null, ["text"], null)!;
        return Object(type, depth);
    }

    /// <summary>Where two values differ; null if they do not.</summary>
    public static string? Difference(object? one, object? other, string path = "it")
    {
        if (one is null || other is null) return one is null && other is null ? null : $"{path}: {one ?? "null"} is not {other ?? "null"}";
        if (one.GetType() != other.GetType() && one is not IEnumerable) return $"{path}: a {one.GetType()} is not a {other.GetType()}";
        if (one is string or GrainReference or StreamSequenceToken) return one.Equals(other) ? null : $"{path}: {one} is not {other}";
        if (one is IEnumerable items)
        {
            if (one.GetType().IsValueType && (bool?)one.GetType().GetProperty("IsDefault")?.GetValue(one) == true)
                return (bool)one.GetType().GetProperty("IsDefault")!.GetValue(other)! ? null : $"{path}: is not the default";
            var left = items.Cast<object?>().ToList();
            var right = ((IEnumerable)other).Cast<object?>().ToList();
            if (left.Count != right.Count) return $"{path}: {left.Count} items are not {right.Count}";
            return left.Zip(right).Select((pair, i) => Difference(pair.First, pair.Second, $"{path}[{i}]")).FirstOrDefault(found => found is not null);
        }

        if (one.GetType().IsGenericType && one.GetType().GetGenericTypeDefinition() == typeof(KeyValuePair<,>))
            return new[] { "Key", "Value" }.Select(name => Difference(Of(name, one), Of(name, other), $"{path}.{name}")).FirstOrDefault(found => found is not null);
        var members = MembersOf(one.GetType()).ToList();
        if (members.Count == 0 && one is not Exception) return one.Equals(other) || one.GetType() == typeof(object) || IsEmpty(one.GetType()) ? null : $"{path}: {one} is not {other}";
        return members.Select(member => Difference(Get(member, one), Get(member, other), $"{path}.{member.Name}")).FirstOrDefault(found => found is not null);
    }

    public static IEnumerable<MemberInfo> MembersOf(Type type)
    {
        for (var level = type; level is not null && level != typeof(object); level = level.BaseType)
        {
            foreach (var member in level.GetMembers(Instance))
                if (member is FieldInfo or PropertyInfo && member.IsDefined(typeof(IdAttribute))) yield return member;
        }
    }

    public static void Set(MemberInfo member, object target, object? value)
    {
        if (member is FieldInfo field) field.SetValue(target, value);
        else if (((PropertyInfo)member).SetMethod is { } setter) setter.Invoke(target, [value]);
        else member.DeclaringType!.GetField($"<{member.Name}>k__BackingField", Instance)!.SetValue(target, value);
    }

    private static object? Get(MemberInfo member, object target) => member is FieldInfo field ? field.GetValue(target) : ((PropertyInfo)member).GetValue(target);

    private static object? Of(string name, object target) => target.GetType().GetProperty(name)!.GetValue(target);

    private static bool IsEmpty(Type type) => type.IsDefined(typeof(GenerateSerializerAttribute));

    private object? Simple(Type type) =>
        type == typeof(string) ? Text()
        : type == typeof(bool) ? _random.Next(2) == 0
        : type == typeof(byte) ? (byte)_random.Next(256)
        : type == typeof(int) ? (int)Number()
        : type == typeof(uint) ? (uint)Number()
        : type == typeof(short) ? (short)Number()
        : type == typeof(long) ? Number()
        : type == typeof(ulong) ? (ulong)Number()
        : type == typeof(char) ? (char)_random.Next(' ', '~')
        : type == typeof(double) ? _random.NextDouble() * Number()
        : type == typeof(float) ? _random.NextSingle()
        : type == typeof(decimal) ? new decimal(_random.Next(), _random.Next(), _random.Next(), _random.Next(2) == 0, (byte)_random.Next(29))
        : type == typeof(Guid) ? NextGuid()
        : type == typeof(DateTime) ? new DateTime(_random.NextInt64(DateTime.MaxValue.Ticks), DateTimeKind.Utc)
        : type == typeof(DateTimeOffset) ? new DateTimeOffset(_random.NextInt64(TimeSpan.TicksPerDay * 2, TimeSpan.TicksPerDay * 700_000), TimeSpan.FromMinutes(_random.Next(3) == 0 ? _random.Next(-800, 800) : 0))
        : type == typeof(TimeSpan) ? TimeSpan.FromTicks(Number())
        : type == typeof(Uri) ? new Uri($"https://example.test/{_random.Next()}")
        : type == typeof(Version) ? new Version(_random.Next(9), _random.Next(9), _random.Next(9))
        : type == typeof(GrainId) ? GrainId.Create("type", $"key{_random.Next()}")
        : type == typeof(GrainType) ? GrainType.Create($"type{_random.Next()}")
        : type == typeof(SiloAddress) ? SiloAddress.New(System.Net.IPAddress.Loopback, _random.Next(65536), _random.Next())
        : type == typeof(StreamId) ? StreamId.Create(_random.Next(2) == 0 ? null : Text() + "n", Text())
        : type == typeof(StreamToken) || type == typeof(StreamSequenceToken) ? new StreamToken(Number(), _random.Next(9))
        : type == typeof(byte[]) ? Bytes()
        : type == typeof(Orleans.Embedded.CodeGeneration.NoResult) ? default(Orleans.Embedded.CodeGeneration.NoResult)
        : null;

    private Guid NextGuid()
    {
        var bytes = new byte[16];
        _random.NextBytes(bytes);
        return new Guid(bytes);
    }

    private byte[] Bytes()
    {
        var bytes = new byte[_random.Next(40)];
        _random.NextBytes(bytes);
        return bytes;
    }

    private long Number() => _random.Next(4) switch
    {
        0 => _random.Next(-2, 3),
        1 => _random.Next(),
        2 => _random.NextInt64(long.MinValue, long.MaxValue),
        _ => _random.Next(2) == 0 ? long.MinValue : long.MaxValue,
    };

    private string Text() => string.Concat(Enumerable.Range(0, _random.Next(5) == 0 ? _random.Next(300) : _random.Next(20))
        .Select(_ => _random.Next(6) switch { 0 => "ä", 1 => "文", 2 => "😀", _ => ((char)_random.Next(' ', '~')).ToString() }));

    private GrainReference Reference(Type type) => WireUnderTest.References.Create(
        type.IsInterface && type != typeof(IAddressable) ? type : typeof(IGrain), GrainId.Create("any", $"key{_random.Next()}"));

    private Array Items(Type element, int depth)
    {
        var count = depth > DepthMax ? 0 : _random.Next(4);
        var items = Array.CreateInstance(element, count);
        for (var i = 0; i < count; i++) items.SetValue(Make(element, depth + 1), i);
        return items;
    }

    private object? Generic(Type type, int depth)
    {
        var definition = type.GetGenericTypeDefinition();
        var arguments = type.GenericTypeArguments;
        if (definition == typeof(StreamItem<>)) return Activator.CreateInstance(type, Make(arguments[0], depth + 1), Make(typeof(StreamToken), 0));
        if (definition.FullName!.StartsWith("System.ValueTuple`", StringComparison.Ordinal) || definition == typeof(KeyValuePair<,>))
            return Activator.CreateInstance(type, [.. arguments.Select(argument => Make(argument, depth + 1))]);
        if (definition == typeof(ImmutableArray<>)) return Collect(typeof(ImmutableArray), nameof(ImmutableArray.Create), arguments, Items(arguments[0], depth));
        if (arguments.Length == 2 && typeof(IEnumerable).IsAssignableFrom(type)) return Map(type, arguments, depth);
        if (definition == typeof(ImmutableList<>) || definition == typeof(IImmutableList<>))
            return Collect(typeof(ImmutableList), nameof(ImmutableList.Create), arguments, Items(arguments[0], depth));
        if (type.IsInterface) return type.IsAssignableFrom(arguments[0].MakeArrayType()) ? Items(arguments[0], depth) : null;
        return typeof(IEnumerable).IsAssignableFrom(type) ? Activator.CreateInstance(type, Items(arguments[0], depth)) : null;
    }

    private static object Collect(Type factory, string method, Type[] arguments, Array items) => factory.GetMethods()
        .Single(candidate => candidate.Name == method && candidate.GetParameters() is [{ ParameterType.IsArray: true }] && candidate.GetGenericArguments().Length == 1)
        .MakeGenericMethod(arguments).Invoke(null, [items])!;

    private object Map(Type type, Type[] arguments, int depth)
    {
        var map = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(arguments))!;
        for (var left = depth > DepthMax ? 0 : _random.Next(4); left > 0; left--)
            if (Make(arguments[0], depth) is { } key) map[key] = Make(arguments[1], depth + 1);
        if (type.IsInstanceOfType(map)) return map;
        var factory = type.Name.StartsWith("ImmutableSorted", StringComparison.Ordinal) ? typeof(ImmutableSortedDictionary) : typeof(ImmutableDictionary);
        return factory.GetMethods().Single(candidate => candidate.Name == "CreateRange" && candidate.GetParameters().Length == 1)
            .MakeGenericMethod(arguments).Invoke(null, [map])!;
    }

    private object Object(Type type, int depth)
    {
        if (type.IsAbstract)
        {
            var derived = type.Assembly.GetTypes().Where(candidate => !candidate.IsAbstract && type.IsAssignableFrom(candidate) && candidate.IsDefined(typeof(GenerateSerializerAttribute))).ToList();
            type = derived.Count > 0 ? derived[_random.Next(derived.Count)] : throw new NotSupportedException($"No sample of {type}.");
        }

        var value = typeof(Exception).IsAssignableFrom(type) && type.GetConstructor([]) is not null
            ? Activator.CreateInstance(type)! : RuntimeHelpers.GetUninitializedObject(type);
        foreach (var member in MembersOf(type))
        {
            var memberType = member is FieldInfo field ? field.FieldType : ((PropertyInfo)member).PropertyType;
            Set(member, value, depth > DepthMax && !memberType.IsValueType ? null : Make(memberType, depth + 1));
        }

        return value;
    }
}
