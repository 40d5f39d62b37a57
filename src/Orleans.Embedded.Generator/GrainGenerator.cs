using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Orleans.Embedded.Generator;

/// <summary>
/// Makes, for every grain interface, a reference class and a request class for each method, for every message type a codec, and, for the assembly,
/// the manifest that the silo reads at start. It also refuses what could not work.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class GrainGenerator : IIncrementalGenerator
{
    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var types = context.SyntaxProvider
            .CreateSyntaxProvider(static (node, _) => node is BaseTypeDeclarationSyntax, static (syntax, cancellation) => Read(syntax, cancellation))
            .Where(static model => model is not null)
            .Select(static (model, _) => model!);
        context.RegisterSourceOutput(types, static (output, model) =>
        {
            foreach (var finding in model.Findings) output.ReportDiagnostic(finding.ToDiagnostic());
            if (model.Interface is { } grainInterface)
                output.AddSource($"{grainInterface.SafeName}.g.cs", SourceText.From(Emitter.Interface(grainInterface), Encoding.UTF8));
            if (model.Message is { HasCodec: true } message)
                output.AddSource($"Wire_{message.SafeName}.g.cs", SourceText.From(MessageEmitter.Codec(message), Encoding.UTF8));
        });
        var references = context.CompilationProvider.Select(static (compilation, _) =>
            (compilation.AssemblyName ?? "", new EquatableList<string>(AssembliesWithGrains(compilation))));
        context.RegisterSourceOutput(types.Collect().Combine(references), static (output, all) =>
        {
            var (models, (assembly, assemblies)) = all;
            var interfaces = models.Where(model => model.Interface is not null).Select(model => model.Interface!).OrderBy(model => model.FullName, System.StringComparer.Ordinal).ToList();
            var classes = models.Where(model => model.Class is not null).Select(model => model.Class!).OrderBy(model => model.FullName, System.StringComparer.Ordinal).ToList();
            var messages = models.Where(model => model.Message is not null).Select(model => model.Message!).OrderBy(model => model.FullName, System.StringComparer.Ordinal).ToList();
            if (interfaces.Count == 0 && classes.Count == 0 && messages.Count == 0 && assemblies.Count == 0) return;
            output.AddSource("GrainManifest.g.cs", SourceText.From(Emitter.Manifest(assembly, interfaces, classes, messages, assemblies), Encoding.UTF8));
        });
    }

    private static TypeModel? Read(GeneratorSyntaxContext syntax, CancellationToken cancellation)
    {
        if (syntax.SemanticModel.GetDeclaredSymbol(syntax.Node, cancellation) is not INamedTypeSymbol type) return null;

        // A type of several parts is read once, with its first part.
        var first = type.DeclaringSyntaxReferences[0];
        return first.SyntaxTree == syntax.Node.SyntaxTree && first.Span == syntax.Node.Span ? TypeReader.Read(type) : null;
    }

    private static IEnumerable<string> AssembliesWithGrains(Compilation compilation) => compilation.SourceModule.ReferencedAssemblySymbols
        .Where(assembly => assembly.GetAttributes().Any(attribute =>
            attribute.AttributeClass is { Name: "GrainManifestAttribute" or "GrainAssemblyReferenceAttribute" }))
        .Select(assembly => assembly.Identity.GetDisplayName())
        .OrderBy(name => name, System.StringComparer.Ordinal);
}
