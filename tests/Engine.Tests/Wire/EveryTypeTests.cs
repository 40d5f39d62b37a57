using System.Reflection;
using Orleans.Embedded.CodeGeneration;
using Orleans.Embedded.Serialization.Wire;

namespace Warroom.Engine.Tests.Wire;

/// <summary>Everything that a manifest of this process lists, the product's among them, goes through the wire and comes out the same.</summary>
public sealed class EveryTypeTests
{
    private const int Tries = 30;

    public static TheoryData<string> Types { get; } =
        [.. WireUnderTest.Manifests.SelectMany(manifest => manifest.WireTypes).Where(type => type.Codec is not null && !type.Type.IsGenericType && type.Type != typeof(Picky)).Select(type => type.Name)];

    public static TheoryData<string> Calls { get; } = [.. Requests().Keys];

    [Fact]
    public void Manifests_OfTheProduct_AreAmongThoseTested()
    {
        Assert.Contains("warroom.incident-view", Types.Select(row => row.Data));
        Assert.Contains("warroom.domain-exception", Types.Select(row => row.Data));
        Assert.Contains("warroom.alert-router-state", Types.Select(row => row.Data));
        Assert.Contains("Orleans.Runtime.TickStatus", Types.Select(row => row.Data));
        Assert.Contains("warroom.incident/open", Calls.Select(row => row.Data));
        Assert.Contains("Orleans.IRemindable/ReceiveReminder(string,Orleans.Runtime.TickStatus)", Calls.Select(row => row.Data));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Type_AnyValue_ComesBackTheSame(string name)
    {
        var type = WireUnderTest.Manifests.SelectMany(manifest => manifest.WireTypes).Single(type => type.Name == name).Type;
        for (var seed = 0; seed < Tries; seed++)
        {
            var value = new Samples(seed).Make(type)!;
            AssertSame(value, WireUnderTest.Read(type, WireUnderTest.Write(type, value)), $"{type} of seed {seed}");
            AssertSame(value, WireUnderTest.Through<object>(value), $"{type} of seed {seed} as an object");
        }
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public void Call_AnyArguments_ComesBackTheSame(string name)
    {
        for (var seed = 0; seed < Tries; seed++)
        {
            var samples = new Samples(seed);
            var request = Requests()[name]();
            var arguments = request.GetType().GetFields().Where(field => field.Name[0] == 'A').ToList();
            foreach (var argument in arguments) argument.SetValue(request, samples.Make(argument.FieldType));
            var read = WireUnderTest.Serializer.ReadCall(WireUnderTest.WriteCall(request));
            Assert.NotSame(request, read);
            Assert.Equal(request.GetType(), read.GetType());
            foreach (var argument in arguments) AssertSame(argument.GetValue(request), argument.GetValue(read), $"{name}, argument {argument.Name}, seed {seed}");
        }
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public void Result_AnyValue_ComesBackTheSame(string name)
    {
        var type = ResultOf(Requests()[name]().GetType());
        for (var seed = 0; seed < Tries; seed++)
        {
            var value = new Samples(seed).Make(type);
            AssertSame(value, WireUnderTest.Read(type, WireUnderTest.Write(type, value)), $"{type} of seed {seed}");
        }
    }

    private static Type ResultOf(Type request)
    {
        for (var type = request; type is not null; type = type.BaseType)
            if (type.IsGenericType && (type.GetGenericTypeDefinition() == typeof(GrainRequest<>) || type.GetGenericTypeDefinition() == typeof(SequenceRequest<>))) return type.GenericTypeArguments[0];
        throw new InvalidOperationException($"{request} is no request.");
    }

    private static Dictionary<string, Func<GrainRequest>> Requests() => WireUnderTest.Manifests.SelectMany(manifest => manifest.Interfaces)
        .SelectMany(type => type.Requests, (type, request) => (Name: $"{type.Name}/{request.Method}", Request: request))
        .ToDictionary(call => call.Name, call => (Func<GrainRequest>)(() => call.Request.Make([.. Enumerable.Repeat(typeof(Numbered), call.Request.TypeParameterCount)])));

    private static void AssertSame(object? expected, object? actual, string what)
    {
        if (Samples.Difference(expected, actual) is { } difference) Assert.Fail($"{what}: {difference}");
    }
}
