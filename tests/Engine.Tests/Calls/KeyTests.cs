using Warroom.Engine.Tests.Support;

namespace Warroom.Engine.Tests.Calls;

public interface IGuidKeyGrain : IGrainWithGuidKey
{
    Task<Guid> Key();
}

public sealed class GuidKeyGrain : Grain, IGuidKeyGrain
{
    public Task<Guid> Key() => Task.FromResult(this.GetPrimaryKey());
}

public interface ILongKeyGrain : IGrainWithIntegerKey
{
    Task<long> Key();
}

public sealed class LongKeyGrain : Grain, ILongKeyGrain
{
    public Task<long> Key() => Task.FromResult(this.GetPrimaryKeyLong());
}

public interface ITextKeyGrain : IGrainWithStringKey
{
    Task<string> Key();

    Task<string> Identity();

    Task<string> Activation();
}

[GrainType("text-with-a-name")]
public sealed class TextKeyGrain : Grain, ITextKeyGrain
{
    public Task<string> Key() => Task.FromResult(this.GetPrimaryKeyString());

    public Task<string> Identity() => Task.FromResult(IdentityString);

    public Task<string> Activation() => Task.FromResult(GrainContext.ActivationId.ToString());
}

public interface ICompoundKeyGrain : IGrainWithGuidCompoundKey
{
    Task<string> Key();
}

public sealed class CompoundKeyGrain : Grain, ICompoundKeyGrain
{
    public Task<string> Key() => Task.FromResult($"{this.GetPrimaryKey(out var extension)} {extension}");
}

public interface ITwiceMadeGrain : IGrainWithStringKey
{
    Task<string> Which();
}

public sealed class FirstTwiceMadeGrain : Grain, ITwiceMadeGrain
{
    public Task<string> Which() => Task.FromResult("first");
}

public sealed class SecondTwiceMadeGrain : Grain, ITwiceMadeGrain
{
    public Task<string> Which() => Task.FromResult("second");
}

public interface INobodysGrain : IGrainWithStringKey
{
    Task Never();
}

/// <summary>Keys and their texts: storage keeps them, so they never change.</summary>
public sealed class KeyTests(EngineCluster cluster)
{
    [Fact]
    public async Task Guid_IsThirtyTwoHexDigits()
    {
        var key = Guid.Parse("0193F2C4-8a51-7d00-9b1f-0123456789ab");
        var grain = cluster.Client.GetGrain<IGuidKeyGrain>(key);
        Assert.Equal("guidkey/0193f2c48a517d009b1f0123456789ab", grain.GetGrainId().ToString());
        Assert.Equal(key, await grain.Key());
    }

    [Theory]
    [InlineData(255, "FF")]
    [InlineData(0, "0")]
    [InlineData(-1, "FFFFFFFFFFFFFFFF")]
    [InlineData(long.MinValue, "8000000000000000")]
    public async Task Long_IsUpperCaseHex(long key, string text)
    {
        var grain = cluster.Client.GetGrain<ILongKeyGrain>(key);
        Assert.Equal($"longkey/{text}", grain.GetGrainId().ToString());
        Assert.Equal(key, await grain.Key());
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("with/slash and blank")]
    [InlineData("ünïcödé ✓")]
    public async Task Text_IsItself(string key)
    {
        var grain = cluster.Client.GetGrain<ITextKeyGrain>(key);
        Assert.Equal($"text-with-a-name/{key}", grain.GetGrainId().ToString());
        Assert.Equal(key, grain.GetPrimaryKeyString());
        Assert.Equal(key, await grain.Key());
        Assert.Equal($"text-with-a-name/{key}", await grain.Identity());
    }

    [Fact]
    public async Task Compound_HasBothParts()
    {
        var key = Guid.NewGuid();
        var grain = cluster.Client.GetGrain<ICompoundKeyGrain>(key, "more", null);
        Assert.Equal($"{key} more", await grain.Key());
        Assert.Equal($"compoundkey/{key:N}+more", grain.GetGrainId().ToString());
    }

    [Fact]
    public void Text_NullOrBlank_IsRefused()
    {
        Assert.Throws<ArgumentNullException>(() => cluster.Client.GetGrain<ITextKeyGrain>((string)null!));
        Assert.ThrowsAny<ArgumentException>(() => cluster.Client.GetGrain<ITextKeyGrain>(""));
        Assert.ThrowsAny<ArgumentException>(() => cluster.Client.GetGrain<ITextKeyGrain>("  "));
    }

    [Fact]
    public async Task Class_OfSeveral_IsChosenByPrefix()
    {
        var prefix = typeof(SecondTwiceMadeGrain).FullName;
        Assert.Equal("second", await cluster.Client.GetGrain<ITwiceMadeGrain>(this.Key(), prefix).Which());
    }

    [Fact]
    public void Class_OfSeveralOrNone_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => cluster.Client.GetGrain<ITwiceMadeGrain>(this.Key()));
        Assert.Throws<ArgumentException>(() => cluster.Client.GetGrain<INobodysGrain>(this.Key()));
    }

    [Fact]
    public async Task GrainId_AsText_ComesBack()
    {
        var id = cluster.Client.GetGrain<ITextKeyGrain>("a/b").GetGrainId();
        Assert.Equal(id, GrainId.Parse(id.ToString()));
        Assert.False(GrainId.TryParse("no slash", null, out _));
        Assert.Equal("a/b", await cluster.Client.GetGrain<ITextKeyGrain>(id).Key());
    }

    [Fact]
    public async Task ActivationId_IsAnAtAndThirtyTwoHexDigits() =>
        Assert.Matches("^@[0-9a-f]{32}$", await cluster.Client.GetGrain<ITextKeyGrain>(this.Key()).Activation());

    [Fact]
    public void SiloAddress_HasTwoTexts()
    {
        var address = cluster.Cluster.Silos[0].SiloAddress;
        Assert.Equal($"S{address.Endpoint}:{address.Generation}", address.ToString());
        Assert.Equal($"{address.Endpoint}@{address.Generation}", address.ToParsableString());
        Assert.Equal(address, SiloAddress.FromParsableString(address.ToParsableString()));
    }

    [Fact]
    public async Task GrainId_OfAnUnknownType_FailsAndDoesNotHang()
    {
        await AskAsync(GrainId.Create("no-such-type", "a")).FailsAsync();
        await AskAsync(GrainId.Create("longkey", "1")).FailsAsync();

        async Task AskAsync(GrainId id) => await cluster.Client.GetGrain<ITextKeyGrain>(id).Key();
    }
}
