import { Store } from '../store';
import { indexedSeenStore, type SeenStore } from './seen-store';

/** What this browser has seen. */
export const seenStore: SeenStore = indexedSeenStore(typeof indexedDB === 'undefined' ? undefined : indexedDB);

/** Since when what the page shows is not known to be true any more; null while it comes from the server. */
export const lastSeenAt = new Store<number | null>(null);

const shown = new Map<string, number>();

// The oldest counts.
const tell = () => lastSeenAt.set(shown.size === 0 ? null : Math.min(...shown.values()));

/** Something is shown as it was seen at a time. */
export function showsSeen(what: string, at: number): void {
  shown.set(what, at);
  tell();
}

/** It comes from the server again, or is not shown any more. */
export function isFresh(what: string): void {
  if (shown.delete(what)) tell();
}

export const isSeen = (what: string): boolean => shown.has(what);

const pauseMs = 2_000;

/** Stores the latest of many states, at most once in two seconds: what is stored is made only then. */
export class Keeper {
  #make: (() => unknown) | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly key: string,
    private readonly store: SeenStore = seenStore,
  ) {}

  /** `make` may answer that there is nothing worth keeping: `undefined`. */
  keep(make: () => unknown): void {
    this.#make = make;
    this.#timer ??= setTimeout(() => this.flush(), pauseMs);
  }

  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const value = this.#make?.();
    this.#make = null;
    if (value !== undefined) void this.store.write(this.key, value);
  }
}
