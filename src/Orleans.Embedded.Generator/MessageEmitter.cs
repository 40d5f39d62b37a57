using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace Orleans.Embedded.Generator;

/// <summary>Writes the codec of a message type.</summary>
internal static class MessageEmitter
{
    private const int BitsOfAWord = 64;

    public static string Codec(MessageModel model)
    {
        var code = new StringBuilder(Emitter.Header);
        code.AppendLine("namespace Orleans.Embedded.Generated");
        code.AppendLine("{");
        code.AppendLine($"    internal sealed class Codec_{model.SafeName}{model.TypeParameters} : ObjectCodec<{model.FullName}>{model.Constraints}");
        code.AppendLine("    {");
        Write(code, model);
        Read(code, model);
        Accessors(code, model);
        code.AppendLine("    }");
        code.AppendLine("}");
        return code.ToString();
    }

    private static void Write(StringBuilder code, MessageModel model)
    {
        code.AppendLine($"        protected override void WriteMembers(ref WireWriter writer, {model.FullName} value)");
        code.AppendLine("        {");
        var index = 0;
        for (var i = 0; i < model.Levels.Count; i++)
        {
            if (i > 0) code.AppendLine("            writer.BeginBase();");
            foreach (var member in model.Levels[i].Members)
            {
                var self = model.IsStruct ? "ref value" : "value";
                var got = member.Read switch
                {
                    Access.Direct => $"value.{member.Name}",
                    Access.Method => $"Get{index}({self})",
                    _ => $"Field{index}({self})",
                };
                code.AppendLine($"            Wire<{member.Type}>.Codec.WriteField(ref writer, {member.Id}u, {got});");
                index++;
            }
        }

        for (var i = 1; i < model.Levels.Count; i++) code.AppendLine("            writer.End();");
        code.AppendLine("        }");
    }

    private static void Read(StringBuilder code, MessageModel model)
    {
        var members = model.Levels.SelectMany(level => level.Members).ToList();
        code.AppendLine($"        protected override {model.FullName} ReadMembers(ref WireReader reader)");
        code.AppendLine("        {");
        for (var i = 0; i < members.Count; i++)
        {
            var fallback = model.Arguments.FirstOrDefault(argument => argument.Member == i)?.Default ?? $"default({members[i].Type})";
            code.AppendLine($"            {members[i].Type} m{i} = {fallback};");
        }

        for (var word = 0; word * BitsOfAWord < members.Count; word++) code.AppendLine($"            ulong seen{word} = 0;");
        ReadLevel(code, model, 0, 0);
        var arguments = string.Join(", ", model.Arguments.Select(argument => $"m{argument.Member}"));
        var made = model.Making switch
        {
            Making.New => $"new {model.FullName}({arguments})",
            Making.Constructor => $"Make({arguments})",
            Making.Default => $"default({model.FullName})",
            _ => $"({model.FullName})global::System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(typeof({model.FullName}))",
        };
        code.AppendLine($"            {model.FullName} value = {made};");
        var given = new HashSet<int>(model.Arguments.Select(argument => argument.Member));
        for (var i = 0; i < members.Count; i++)
        {
            if (given.Contains(i)) continue;
            var self = model.IsStruct ? "ref value" : "value";
            var set = members[i].Write switch
            {
                Access.Direct => $"value.{members[i].Name} = m{i}",
                Access.Method => $"Set{i}({self}, m{i})",
                _ => $"Field{i}({self}) = m{i}",
            };
            code.AppendLine($"            if ((seen{i / BitsOfAWord} & {Bit(i)}) != 0) {set};");
        }

        code.AppendLine("            return value;");
        code.AppendLine("        }");
    }

    /// <summary>The members of one class; those of its base are read where they stand.</summary>
    private static void ReadLevel(StringBuilder code, MessageModel model, int level, int first)
    {
        var members = model.Levels[level].Members;
        code.AppendLine($"            while (reader.Tag(out var id{level}, out var kind{level}))");
        code.AppendLine("            {");
        code.AppendLine($"            switch (id{level})");
        code.AppendLine("            {");
        for (var i = 0; i < members.Count; i++)
        {
            var index = first + i;
            code.AppendLine($"                case {members[i].Id}u: m{index} = Wire<{members[i].Type}>.Codec.Read(ref reader, kind{level}); seen{index / BitsOfAWord} |= {Bit(index)}; break;");
        }

        if (level + 1 < model.Levels.Count)
        {
            code.AppendLine("                case WireReader.BaseId:");
            code.AppendLine($"                reader.BeginBase(kind{level});");
            ReadLevel(code, model, level + 1, first + members.Count);
            code.AppendLine("                reader.EndBase();");
            code.AppendLine("                break;");
        }

        code.AppendLine($"                default: reader.Skip(kind{level}); break;");
        code.AppendLine("            }");
        code.AppendLine("            }");
    }

    private static void Accessors(StringBuilder code, MessageModel model)
    {
        const string attribute = "[global::System.Runtime.CompilerServices.UnsafeAccessor(global::System.Runtime.CompilerServices.UnsafeAccessorKind.";
        var index = 0;
        var by = model.IsStruct ? "ref " : "";
        foreach (var level in model.Levels)
        {
            foreach (var member in level.Members)
            {
                var name = member.Name.TrimStart('@');
                if (member.Read == Access.Method)
                    code.AppendLine($"        {attribute}Method, Name = \"get_{name}\")] private static extern {member.Type} Get{index}({by}{level.Type} self);");
                if (member.Write == Access.Method)
                    code.AppendLine($"        {attribute}Method, Name = \"set_{name}\")] private static extern void Set{index}({by}{level.Type} self, {member.Type} value);");
                if (member.Read == Access.Field || member.Write == Access.Field)
                    code.AppendLine($"        {attribute}Field, Name = \"{member.Field}\")] private static extern ref {member.Type} Field{index}({by}{level.Type} self);");
                index++;
            }
        }

        if (model.Making == Making.Constructor)
        {
            var parameters = string.Join(", ", model.Arguments.Select((argument, i) => $"{argument.Type} p{i}"));
            code.AppendLine($"        {attribute}Constructor)] private static extern {model.FullName} Make({parameters});");
        }
    }

    private static string Bit(int index) => $"0x{1UL << (index % BitsOfAWord):X}UL";
}
