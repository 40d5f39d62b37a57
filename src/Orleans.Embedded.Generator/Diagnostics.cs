using Microsoft.CodeAnalysis;

namespace Orleans.Embedded.Generator;

/// <summary>What the generator refuses, each with a help text.</summary>
internal static class Diagnostics
{
    private const string Category = "Orleans.Embedded";

    public static readonly DiagnosticDescriptor WrongReturnType = Error(
        "ORL0001", "A grain method must return a task",
        "{0} returns {1}, but a grain method must return Task, Task<T>, ValueTask, ValueTask<T> or IAsyncEnumerable<T>",
        "A call to a grain always is asynchronous: the grain may be busy, not active, or in another process. Observer methods may also return void.");

    public static readonly DiagnosticDescriptor NotSerializable = Error(
        "ORL0002", "A message type must have [GenerateSerializer]",
        "{0} uses {1}, which has no [GenerateSerializer]: give it the attribute, and each of its members an [Id]",
        "Arguments and results of grain calls cross between processes. A type without a serialiser works only as long as caller and grain share one.");

    public static readonly DiagnosticDescriptor RepeatedId = Error(
        "ORL0003", "An [Id] must be unique within its type",
        "{0} has [Id({1})] twice, on {2} and {3}: give one another number, one that never was used before",
        "The number stands for the member in messages and in storage. Two members with one number overwrite each other.");

    public static readonly DiagnosticDescriptor WrongParameter = Error(
        "ORL0004", "A parameter of a grain method must be an ordinary one",
        "{0}: parameter {1} {2}",
        "Arguments are sent to the grain, so they cannot be references to the caller's variables, and one cancellation token is enough.");

    public static readonly DiagnosticDescriptor NotAMethod = Error(
        "ORL0005", "A grain interface has methods only",
        "{0} is {1}, but a grain interface has methods only",
        "Properties, events and static members cannot be called across processes.");

    public static readonly DiagnosticDescriptor Generic = Error(
        "ORL0006", "A grain interface or class must not be generic",
        "{0} is generic: the embedded engine supports generic methods, but not generic grain interfaces and classes",
        "A generic grain's type arguments would be part of its identity, which the embedded engine does not support.");

    public static readonly DiagnosticDescriptor NotConstructible = Error(
        "ORL0007", "A grain class must be one that generated code can make",
        "{0} {1}",
        "The generated activator calls the grain's constructor without reflection, so class and constructor must be public or internal.");

    public static readonly DiagnosticDescriptor NotSendable = Error(
        "ORL0008", "A message must be of types that can be sent",
        "{0} uses {1}, which cannot be sent to another process: use a type with [GenerateSerializer], a primitive one, or one of the platform's collections",
        "Arguments, results and members of messages cross between processes. Delegates, tasks, tokens, streams and most types of the platform belong to one process.");

    public static readonly DiagnosticDescriptor NotRestorable = Error(
        "ORL0009", "A message must be one that generated code can make",
        "{0} {1}",
        "Generated code makes the object and sets its members. It needs types that it can name, and members that have a setter or that the compiler stores.");

    private static DiagnosticDescriptor Error(string id, string title, string message, string description) =>
        new(id, title, message, Category, DiagnosticSeverity.Error, isEnabledByDefault: true, description);
}
