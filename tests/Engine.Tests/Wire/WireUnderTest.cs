using System.Buffers;
using System.Reflection;
using Orleans.Embedded.CodeGeneration;
using Orleans.Embedded.Manifests;
using Orleans.Embedded.References;
using Orleans.Embedded.Serialization.Wire;

namespace Warroom.Engine.Tests.Wire;

/// <summary>The serializer over everything that this process has, without a silo.</summary>
internal static class WireUnderTest
{
    private static readonly GrainMap Grains = new(ManifestLoader.Load());

    public static ReferenceFactory References { get; } = new(Grains, null!, null!);

    public static WireSerializer Serializer { get; } = new(Grains, () => References);

    public static IReadOnlyList<IGrainManifest> Manifests { get; } = ManifestLoader.Load();

    public static byte[] Write<T>(T value)
    {
        var output = new ArrayBufferWriter<byte>();
        Serializer.Write(output, value);
        return output.WrittenSpan.ToArray();
    }

    public static T Read<T>(byte[] bytes) => Serializer.Read<T>(bytes);

    public static T Through<T>(T value) => Read<T>(Write(value));

    public static byte[] WriteCall(GrainRequest request)
    {
        var output = new ArrayBufferWriter<byte>();
        Serializer.WriteCall(output, request);
        return output.WrittenSpan.ToArray();
    }

    public static Exception Through(Exception exception)
    {
        var output = new ArrayBufferWriter<byte>();
        Serializer.WriteException(output, exception);
        return Serializer.ReadException(output.WrittenSpan);
    }

    /// <summary>As <see cref="Write{T}"/> with a type that is known only now.</summary>
    public static byte[] Write(Type type, object? value) => (byte[])Call(nameof(Write), type, value)!;

    public static object? Read(Type type, byte[] bytes) => Call(nameof(Read), type, bytes);

    private static object? Call(string name, Type type, object? argument)
    {
        var method = typeof(WireUnderTest).GetMethods(BindingFlags.Public | BindingFlags.Static).Single(method => method.Name == name && method.IsGenericMethod);
        return method.MakeGenericMethod(type).Invoke(null, BindingFlags.DoNotWrapExceptions, null, [argument], null);
    }
}
