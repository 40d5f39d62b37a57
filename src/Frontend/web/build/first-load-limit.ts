import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

interface FirstLoadLimit {
  /** The most JavaScript that the page may need before it shows anything, compressed with gzip, in units of 1,000 bytes. */
  readonly compressedKbMax: number;
}

/** Fails the build when the entry and what it imports statically grow over the limit: size creeps in one import at a time. */
export function firstLoadLimit({ compressedKbMax }: FirstLoadLimit): Plugin {
  return {
    name: 'first-load-limit',
    apply: 'build',
    generateBundle(_options, bundle) {
      const wanted = Object.values(bundle).flatMap((file) => (file.type === 'chunk' && file.isEntry ? [file.fileName] : []));
      const seen = new Set<string>();
      const sizes: string[] = [];
      let total = 0;
      for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
        const file = bundle[name];
        if (seen.has(name) || file?.type !== 'chunk') continue;
        seen.add(name);
        wanted.push(...file.imports);
        const size = gzipSync(file.code).length;
        total += size;
        sizes.push(`${name} ${(size / 1000).toFixed(1)} kB`);
      }
      const sum = `first load: ${(total / 1000).toFixed(1)} kB of JavaScript, compressed (limit ${compressedKbMax})`;
      if (total > compressedKbMax * 1000) this.error(`${sum}\n  ${sizes.join('\n  ')}`);
      this.info(sum);
    },
  };
}
