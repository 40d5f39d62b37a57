using System.ComponentModel;
using System.Reflection;
using Orleans.CodeGeneration;

namespace Orleans.Embedded.CodeGeneration;

/// <summary>One method of a grain interface; the generator makes one object for each.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class GrainMethod
{
    private readonly Type[] _parameters;
    private MethodInfo? _method;
    private byte[]? _wireName;

    /// <summary>Describes a method.</summary>
    public GrainMethod(Type interfaceType, string interfaceName, string name, string id, InvokeMethodOptions options, string? responseTimeout, Type[] parameters)
    {
        InterfaceType = interfaceType;
        InterfaceName = interfaceName;
        Name = name;
        Id = id;
        Options = options;
        ResponseTimeout = responseTimeout is null ? null : TimeSpan.Parse(responseTimeout, System.Globalization.CultureInfo.InvariantCulture);
        _parameters = parameters;
        ActivityName = $"{interfaceType.Name}/{name}";
    }

    /// <summary>The interface that declares it.</summary>
    public Type InterfaceType { get; }

    /// <summary>The interface's full name.</summary>
    public string InterfaceName { get; }

    /// <summary>The method's name.</summary>
    public string Name { get; }

    /// <summary>The method's name in messages: its alias, or its name with its parameters' types.</summary>
    public string Id { get; }

    /// <summary>What its attributes say.</summary>
    public InvokeMethodOptions Options { get; }

    /// <summary>How long callers wait; null for the default.</summary>
    public TimeSpan? ResponseTimeout { get; }

    internal string ActivityName { get; }

    /// <summary><c>interface/method</c> as messages have it, in UTF-8. The interface's name is that of its manifest: its alias, or its full name.</summary>
    internal byte[] WireName => _wireName ??= System.Text.Encoding.UTF8.GetBytes(
        $"{InterfaceType.GetCustomAttributes<AliasAttribute>().FirstOrDefault()?.Alias ?? InterfaceType.FullName}/{Id}");

    /// <summary>The method by reflection: for filters that ask, never on the way of a call.</summary>
    internal MethodInfo Method => _method ??= Find();

    private MethodInfo Find() => Array.Find(InterfaceType.GetMethods(), candidate =>
        string.Equals(candidate.Name, Name, StringComparison.Ordinal)
        && (candidate.IsGenericMethodDefinition
            ? candidate.GetParameters().Length == _parameters.Length
            : candidate.GetParameters().Select(parameter => parameter.ParameterType).SequenceEqual(_parameters)))
        ?? throw new MissingMethodException(InterfaceName, Name);
}
