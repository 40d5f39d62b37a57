import type { Seen, SeenStore } from './seen-store';

/** For tests: what a browser would keep between two visits. */
export function memorySeenStore(): SeenStore & { readonly kept: Map<string, Seen<unknown>> } {
  const kept = new Map<string, Seen<unknown>>();
  return {
    kept,
    read: <T,>(key: string) => Promise.resolve(kept.get(key) as Seen<T> | undefined),
    write: (key, value) => {
      kept.set(key, { at: Date.now(), value: structuredClone(value) });
      return Promise.resolve();
    },
  };
}
