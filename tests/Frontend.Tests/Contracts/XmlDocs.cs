using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Warroom.Frontend.Tests.Contracts;

/// <summary>The summaries in the XML files that the compiler writes beside assemblies, as one plain line each.</summary>
internal sealed partial class XmlDocs
{
    private readonly Dictionary<string, string> _summaries = new(StringComparer.Ordinal);

    public XmlDocs(params ReadOnlySpan<Assembly> assemblies)
    {
        foreach (var assembly in assemblies)
        {
            foreach (var member in XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")).Descendants("member"))
            {
                if (member.Element("summary") is { } summary)
                {
                    _summaries[member.Attribute("name")!.Value] = Plain(summary);
                }
            }
        }
    }

    public string? OfType(Type type) => Find($"T:{type.FullName}");

    public string? OfProperty(PropertyInfo property) => Find($"P:{property.DeclaringType!.FullName}.{property.Name}");

    public string? OfField(FieldInfo field) => Find($"F:{field.DeclaringType!.FullName}.{field.Name}");

    private static string Plain(XElement summary)
    {
        foreach (var element in summary.Descendants().Where(element => element.Attribute("cref") is not null || element.Attribute("langword") is not null).ToList())
        {
            var name = element.Attribute("langword")?.Value ?? element.Attribute("cref")!.Value;
            element.ReplaceWith(new XText($"`{name[(name.LastIndexOf('.') + 1)..]}`"));
        }

        foreach (var code in summary.Descendants("c").ToList())
        {
            code.ReplaceWith(new XText($"`{code.Value}`"));
        }

        return Space().Replace(summary.Value, " ").Trim().Replace("*/", "* /", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();

    private string? Find(string key) => _summaries.GetValueOrDefault(key);
}
