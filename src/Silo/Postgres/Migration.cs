using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Warroom.Postgres;

/// <summary>One numbered step of the schema.</summary>
/// <param name="Number">Its place; steps are applied in this order.</param>
/// <param name="Name">The file's name without number and ending.</param>
/// <param name="Sql">Its statements, without BEGIN and COMMIT.</param>
public sealed record Migration(int Number, string Name, string Sql)
{
    private const string Folder = "sql/";

    /// <summary>SHA-256 of <see cref="Sql"/> in lower-case hex; how a checkout ends its lines does not matter.</summary>
    public string Checksum => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql.Replace("\r\n", "\n", StringComparison.Ordinal))));

    /// <summary>The steps embedded in this program, in order.</summary>
    public static IReadOnlyList<Migration> Embedded { get; } = Load(typeof(Migration).Assembly);

    /// <summary>Reads a file's name such as <c>0001_first_tables.sql</c>.</summary>
    /// <exception cref="FormatException">It is not of this form.</exception>
    public static Migration Parse(string fileName, string sql)
    {
        ArgumentNullException.ThrowIfNull(fileName);
        if (fileName.Length > 9 && fileName[4] == '_' && fileName.EndsWith(".sql", StringComparison.Ordinal)
            && int.TryParse(fileName.AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0)
        {
            return new(number, fileName[5..^4], sql);
        }

        throw new FormatException($"'{fileName}' is not named like 0001_what_it_does.sql.");
    }

    private static List<Migration> Load(Assembly assembly)
    {
        var migrations = assembly.GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal)).Select(name =>
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!, Encoding.UTF8);
            return Parse(name[Folder.Length..], reader.ReadToEnd());
        }).OrderBy(migration => migration.Number).ToList();
        var twice = migrations.GroupBy(migration => migration.Number).FirstOrDefault(group => group.Count() > 1);
        return twice is null ? migrations : throw new InvalidOperationException($"Migration number {twice.Key} exists twice: {string.Join(" and ", twice.Select(migration => migration.Name))}.");
    }
}
