import { ApiError, hubError } from '../api';
import { storage } from '../storage';
import { Store } from '../store';
import { uuidV7 } from '../uuid';

/** A post or message that is not known to be committed. */
export interface OutboxItem {
  /** Its operation id: however often it is sent, it has one effect. */
  readonly id: string;
  /** The incident or session. */
  readonly target: string;
  readonly text: string;
  /** Milliseconds since 1970, by this browser's clock. */
  readonly at: number;
  readonly status: 'sending' | 'failed' | 'committed';
  /** The number it was committed under. */
  readonly seq?: number;
  /** Why it was refused. */
  readonly error?: string;
  /** False: the browser refused to store it, so closing the page would lose it. */
  readonly stored: boolean;
}

export interface OutboxOptions {
  /** Names the kind: `post` or `message`. */
  readonly name: string;
  readonly send: (target: string, operationId: string, text: string) => Promise<{ readonly seq: number }>;
  /** Whether sending makes sense now. */
  readonly ready: () => boolean;
  readonly delay?: (attempt: number) => number;
}

/**
 * What was written and is not acknowledged. An item is in the browser's storage before it is sent and leaves it when the server says that it is durable, so neither a broken
 * connection nor a reload nor a crash of the page loses it; the operation id makes resending harmless. Items of one target go out one after another, in the order they were written.
 */
export class Outbox {
  readonly items: Store<readonly OutboxItem[]>;
  readonly #prefix: string;
  readonly #busy = new Set<string>();
  readonly #attempts = new Map<string, number>();
  /** Grows with each item, also within one millisecond and when the clock is set back; microseconds where it can. */
  #order = 0;
  readonly #delay: (attempt: number) => number;

  constructor(private readonly options: OutboxOptions) {
    this.#prefix = `warroom.outbox.${options.name}.`;
    this.#delay = options.delay ?? ((attempt) => Math.min(10_000, 250 * 2 ** attempt));
    this.items = new Store(this.#load());
  }

  add(target: string, text: string): OutboxItem {
    const now = Date.now();
    const draft = { id: uuidV7(now), target, text, at: now, status: 'sending' as const };
    this.#order = Math.max(this.#order + 1, now * 1_000);
    const item: OutboxItem = { ...draft, stored: storage.set(this.#prefix + draft.id, JSON.stringify({ ...draft, order: this.#order })) };
    this.items.update((items) => [...items, item]);
    this.pump();
    return item;
  }

  retry(id: string): void {
    this.#change(id, { status: 'sending', error: undefined });
    this.pump();
  }

  /** Gives up an item that was refused; its text is the caller's again. */
  discard(id: string): void {
    storage.remove(this.#prefix + id);
    this.items.update((items) => items.filter((item) => item.id !== id));
  }

  /** The log showed it: nothing remains to be done. */
  seen(operationIds: ReadonlySet<string>): void {
    if (this.items.get().some((item) => operationIds.has(item.id))) for (const item of this.items.get()) if (operationIds.has(item.id)) this.discard(item.id);
  }

  /** Sends what waits; call it when the connection is back. */
  pump(): void {
    if (!this.options.ready()) return;
    for (const { target } of this.items.get()) void this.#pumpTarget(target);
  }

  async #pumpTarget(target: string): Promise<void> {
    if (this.#busy.has(target)) return;
    this.#busy.add(target);
    try {
      for (let item = this.#next(target); item && this.options.ready(); item = this.#next(target)) {
        if (!(await this.#send(item))) break;
      }
    } finally {
      this.#busy.delete(target);
    }
  }

  #next(target: string): OutboxItem | undefined {
    return this.items.get().find((item) => item.target === target && item.status === 'sending');
  }

  /** Whether the next one may go out. */
  async #send(item: OutboxItem): Promise<boolean> {
    try {
      const { seq } = await this.options.send(item.target, item.id, item.text);
      storage.remove(this.#prefix + item.id);
      this.#attempts.delete(item.id);
      this.#change(item.id, { status: 'committed', seq });
      return true;
    } catch (error) {
      const problem = hubError(error);
      if (problem instanceof ApiError && !problem.retryable) {
        this.#change(item.id, { status: 'failed', error: problem.message });
        return true;
      }
      // Not known to have failed: the same again under the same id, when the connection is back or after a while.
      const attempt = (this.#attempts.get(item.id) ?? 0) + 1;
      this.#attempts.set(item.id, attempt);
      setTimeout(() => this.pump(), problem.retryAfterSeconds ? problem.retryAfterSeconds * 1000 : this.#delay(attempt));
      return false;
    }
  }

  #change(id: string, change: Partial<OutboxItem>): void {
    this.items.update((items) => items.map((item) => (item.id === id ? { ...item, ...change } : item)));
  }

  #load(): OutboxItem[] {
    const items = storage.keys(this.#prefix).flatMap((key): { item: OutboxItem; order: number }[] => {
      try {
        const { id, target, text, at, order } = JSON.parse(storage.get(key) ?? '') as Partial<OutboxItem> & { order?: number };
        return id && target && typeof text === 'string' && at ? [{ item: { id, target, text, at, status: 'sending', stored: true }, order: order ?? at * 1_000 }] : [];
      } catch {
        storage.remove(key);
        return [];
      }
    });
    items.sort((a, b) => a.order - b.order);
    this.#order = items.at(-1)?.order ?? 0;
    return items.map(({ item }) => item);
  }
}

/** How many wait to be sent. */
export const waitingCount = (items: readonly OutboxItem[]): number => items.filter((item) => item.status === 'sending').length;
