// Writes docs/settings.md from the options classes and their XML docs, which are the reference. With --check it only says whether the page is fresh.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = join(root, 'docs', 'settings.md');
const skipped = new Set(['bin', 'obj', 'web', 'wwwroot']);
// The engine's own options are set by code, but for these: Orleans has none of the kind.
const clusterOptions = join(root, 'src', 'Orleans.Embedded', 'Configuration', 'EmbeddedClusterOptions.cs');

function* optionFiles(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory() && !skipped.has(entry.name) && !entry.name.startsWith('Orleans.')) yield* optionFiles(join(folder, entry.name));
    else if (entry.name.endsWith('Options.cs')) yield join(folder, entry.name);
  }
}

const text = (doc) =>
  doc
    .replace(/^\s*\/\/\/ ?/gm, '')
    .replace(/<\/?summary>/g, '')
    .replace(/<see (?:cref|langword)="(?:[^"]*\.)?([^".]+)" ?\/>/g, '`$1`')
    .replace(/<\/?c>/g, '`')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&')
    .replace(/\|/g, '\\|')
    .replace(/\s+/g, ' ')
    .trim();

const summaryOf = (source, at) => /((?:^[ \t]*\/\/\/.*\n)+)(?:^[ \t]*\[.*\]\n)*$/m.exec(source.slice(0, at))?.[1] ?? '';

function read(file) {
  const source = readFileSync(file, 'utf8');
  const head = /^(?:public|internal) sealed (?:class|record) \w+Options\b/m.exec(source);
  if (!head) return null;
  const about = text(summaryOf(source, head.index).replace(/<remarks>[\s\S]*/, ''));
  const section = /[Ss]ection `([\w:]+)`/.exec(about)?.[1];
  if (section === undefined) throw new Error(`${file}: the summary of the class must name its section, as in: section <c>Ollama</c>.`);
  const constants = new Map([...source.matchAll(/const \w+ (\w+) = "?([^";]+)"?;/g)].map((match) => [match[1], match[2]]));
  const settings = [];
  for (const property of source.matchAll(/^    public (?:required )?([\w<>?.]+) (\w+) \{ get;/gm)) {
    const isList = /^I?(Readonly)?(List|Collection|Set)</i.test(property[1]);
    settings.push({ name: `${section}__${property[2]}${isList ? '__0' : ''}`, meaning: text(summaryOf(source, property.index)).replace(/`(\w+)`/g, (whole, name) => (constants.has(name) ? `\`${constants.get(name)}\`` : whole)) });
  }
  return { section, about: about.replace(/[:.]? ?[Ss]ection `[\w:]+`/, ''), settings };
}

// Nested settings have a class of their own in the same file, whose summary names its section too.
function readCluster() {
  const source = readFileSync(clusterOptions, 'utf8');
  const { section, settings } = read(clusterOptions);
  const heads = [...source.matchAll(/^internal sealed class (\w+)/gm)];
  const nested = heads.slice(1).map((head) => ({ name: head[1], section: /[Ss]ection `([\w:]+)`/.exec(text(summaryOf(source, head.index)))?.[1]?.replace(':', '__'), begin: head.index }));
  const named = settings.flatMap((setting) => {
    const at = source.indexOf(` ${setting.name.replace(`${section}__`, '')} { get;`);
    const owner = nested.findLast((each) => each.begin < at);
    return source.slice(0, at).endsWith('EmbeddedTlsOptions') ? [] : [{ ...setting, name: setting.name.replace(section, owner?.section ?? section) }];
  });
  return { section, about: '', settings: named };
}

const parts = [...optionFiles(join(root, 'src'))].sort().map(read).filter(Boolean);
const cluster = readCluster();
const known = new Set(parts.flatMap((part) => part.settings).map((setting) => setting.name));
parts.push({ ...cluster, settings: cluster.settings.filter((setting) => !known.has(setting.name)) });
parts.sort((a, b) => a.section.localeCompare(b.section));
const lines = [
  '# Settings',
  '',
  'Written by `node eng/settings.mjs` from the options classes; a test holds it fresh. Each name is that of an environment variable; in `appsettings.json` and on the command',
  'line `:` stands for `__` (`--Ollama:FirstTokenTimeout=00:01:00`). Lists go on with `__1`, `__2`. Times are `[days.]hours:minutes:seconds`. A value out of range stops the start, with a sentence.',
  '',
  '| setting | meaning |',
  '|---|---|',
  '| `ConnectionStrings__Warroom` | The database: `Host=...;Database=...;Username=...;Password=...`. What it says about pool, timeouts and TLS wins over section `Postgres`. |',
  '| `urls` | Addresses to listen on. Default: `http://127.0.0.1:8000`, and `http://127.0.0.1:8081` (health and metrics) in a silo that is a process of its own. |',
];
for (const section of new Set(parts.map((part) => part.section))) {
  const same = parts.filter((part) => part.section === section);
  lines.push('', `## ${section}`, '', same.map((part) => part.about).filter(Boolean).join(' '), '', '| setting | meaning |', '|---|---|');
  lines.push(...same.flatMap((part) => part.settings).map((setting) => `| \`${setting.name}\` | ${setting.meaning} |`));
}
const fresh = `${lines.join('\n')}\n`;

if (process.argv.includes('--check')) {
  if (readFileSync(page, 'utf8') !== fresh) {
    console.error('docs/settings.md is not what the options classes say. Run: node eng/settings.mjs');
    process.exit(1);
  }
} else {
  writeFileSync(page, fresh);
}
