namespace Orleans.Embedded.Generator;

/// <summary>How generated code gets at a member.</summary>
internal enum Access
{
    /// <summary>As everybody does.</summary>
    Direct,

    /// <summary>By the property's method, which only its own type may call.</summary>
    Method,

    /// <summary>By the field in which it is kept.</summary>
    Field,
}

/// <summary>How generated code makes an object.</summary>
internal enum Making
{
    /// <summary>By its constructor.</summary>
    New,

    /// <summary>By a constructor that it could not call: one that is private, or that asks for required members.</summary>
    Constructor,

    /// <summary>As the default value.</summary>
    Default,

    /// <summary>Without a constructor: there is none whose parameters are all members.</summary>
    Uninitialized,
}

internal sealed record MemberModel(uint Id, string Name, string Type, Access Read, Access Write, string Field);

/// <summary>A class of a message's line of descent, with its own members.</summary>
internal sealed record LevelModel(string Type, EquatableList<MemberModel> Members);

/// <summary>A parameter of the constructor, and which member it is given; members are counted from the first level on.</summary>
internal sealed record ConstructorArgument(int Member, string Type, string? Default);

internal sealed record MessageModel(
    string FullName,
    string Unbound,
    string SafeName,
    string? Alias,
    bool HasCodec,
    bool IsStruct,
    string TypeParameters,
    string UnboundParameters,
    string Constraints,
    EquatableList<LevelModel> Levels,
    Making Making,
    EquatableList<ConstructorArgument> Arguments);
