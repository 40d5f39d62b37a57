import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

const source = join(import.meta.dirname, 'service-worker.js');

/** The service worker's text for a build: its files, and a name that changes when any of them does. */
export function serviceWorker(files: readonly string[], contents: readonly string[]): string {
  const build = createHash('sha256').update(files.join('\n')).update(contents.join('\n')).digest('hex').slice(0, 16);
  return readFileSync(source, 'utf8').replace('__BUILD__', build).replace('__FILES__', JSON.stringify(files));
}

/** Writes `sw.js` beside the page, with the list of what the build made. */
export function serviceWorkerOfBuild(publicFolder: string): Plugin {
  return {
    name: 'service-worker',
    apply: 'build',
    generateBundle(_options, bundle) {
      // Assets carry a hash of their content in their names; what lies in the public folder does not.
      const made = Object.keys(bundle).filter((file) => file.startsWith('assets/')).sort();
      const fixed = readdirSync(publicFolder).sort();
      this.emitFile({ type: 'asset', fileName: 'sw.js', source: serviceWorker(['/', ...fixed.map((file) => `/${file}`), ...made.map((file) => `/${file}`)], fixed.map((file) => readFileSync(`${publicFolder}/${file}`, 'utf8'))) });
    },
  };
}
