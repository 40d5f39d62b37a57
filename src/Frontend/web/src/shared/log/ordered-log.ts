import type { LoggedEvent } from '../contracts';

/** An event of a log with its body read. */
export interface LogEntry<E> {
  readonly seq: number;
  readonly hash: string;
  /** As it was hashed. */
  readonly body: string;
  readonly event: E;
}

/**
 * What a page holds of a log whose events are numbered 1, 2, 3, … without a gap. Live events are applied only in order; older pages fill in below.
 * Because there are no gaps, an event's place in the timeline is known before it is read.
 */
export interface LogState<E> {
  /** The highest number up to which live events were applied; the page has followed the log from `start + 1` to here. */
  readonly last: number;
  /** Where following began: below it there is what was filled in. */
  readonly start: number;
  /** The highest number that the server is known to have. */
  readonly head: number;
  readonly chunks: ReadonlyMap<number, readonly (LogEntry<E> | undefined)[]>;
  /** Events that came before their predecessors; applied as soon as those are there. */
  readonly early: ReadonlyMap<number, LoggedEvent>;
  /** The first number that came twice with different content: this log is not one log. */
  readonly fork: number | null;
}

export type LogAction =
  | { readonly kind: 'follow'; readonly after: number; readonly head: number }
  | { readonly kind: 'live'; readonly events: readonly LoggedEvent[]; readonly head?: number }
  | { readonly kind: 'fill'; readonly events: readonly LoggedEvent[] };

const chunkSize = 256;
const earlyMax = 2_000;

export const emptyLog = <E>(): LogState<E> => ({ last: 0, start: 0, head: 0, chunks: new Map(), early: new Map(), fork: null });

export function entryAt<E>(log: LogState<E>, seq: number): LogEntry<E> | undefined {
  return log.chunks.get(Math.floor((seq - 1) / chunkSize))?.[(seq - 1) % chunkSize];
}

/** How many events the server is known to have that the page has not applied. */
export const behindBy = (log: LogState<unknown>): number => Math.max(0, log.head - log.last);

/** The first unread number from `from` on, up to `to`; null if all are there. */
export function firstMissing(log: LogState<unknown>, from: number, to: number): number | null {
  for (let seq = Math.max(1, from); seq <= to; seq++) if (!entryAt(log, seq)) return seq;
  return null;
}

/** The one reducer of live events: applies `last + 1`, drops what it has, keeps what is early; `behindBy` then says whether to ask for more. */
export function reduceLog<E>(log: LogState<E>, action: LogAction): LogState<E> {
  switch (action.kind) {
    case 'follow':
      return log.last > 0 || action.after === 0
        ? { ...log, head: Math.max(log.head, action.head) }
        : { ...log, last: action.after, start: action.after, head: Math.max(action.head, action.after) };
    case 'live':
      return applyLive(log, action.events, action.head ?? 0);
    case 'fill':
      return applyFill(log, action.events);
  }
}

function applyLive<E>(log: LogState<E>, events: readonly LoggedEvent[], toldHead: number): LogState<E> {
  const writer = new ChunkWriter(log);
  const early = new Map(log.early);
  let { last, head } = log;
  head = Math.max(head, toldHead);
  for (const event of events) {
    head = Math.max(head, event.seq);
    if (event.seq <= last) writer.compare(event);
    else if (event.seq === last + 1) {
      writer.put(event);
      last = event.seq;
      for (let next = early.get(last + 1); next; next = early.get(last + 1)) {
        early.delete(next.seq);
        writer.put(next);
        last = next.seq;
      }
    } else if (early.size < earlyMax) early.set(event.seq, event);
  }
  for (const seq of early.keys()) if (seq <= last) early.delete(seq);
  return { ...log, last, head, early, ...writer.result() };
}

function applyFill<E>(log: LogState<E>, events: readonly LoggedEvent[]): LogState<E> {
  const writer = new ChunkWriter(log);
  for (const event of events) {
    if (event.seq > log.last) break;
    if (!writer.compare(event)) writer.put(event);
  }
  return { ...log, ...writer.result() };
}

/** Copies only the chunks that change, so that a batch costs the same in a timeline of 100 and of 100,000. */
class ChunkWriter<E> {
  readonly #chunks: Map<number, readonly (LogEntry<E> | undefined)[]>;
  readonly #copied = new Map<number, (LogEntry<E> | undefined)[]>();
  #fork: number | null;

  constructor(log: LogState<E>) {
    this.#chunks = new Map(log.chunks);
    this.#fork = log.fork;
  }

  put({ seq, hash, body }: LoggedEvent): void {
    const number = Math.floor((seq - 1) / chunkSize);
    let chunk = this.#copied.get(number);
    if (!chunk) {
      chunk = this.#chunks.get(number)?.slice() ?? new Array<LogEntry<E> | undefined>(chunkSize).fill(undefined);
      this.#copied.set(number, chunk);
      this.#chunks.set(number, chunk);
    }
    chunk[(seq - 1) % chunkSize] = { seq, hash, body, event: JSON.parse(body) as E };
  }

  /** Whether the event is there already; if it is there with other content, the log has forked. */
  compare({ seq, hash, body }: LoggedEvent): boolean {
    const held = this.#chunks.get(Math.floor((seq - 1) / chunkSize))?.[(seq - 1) % chunkSize];
    if (held && (held.hash !== hash || held.body !== body)) this.#fork = Math.min(this.#fork ?? seq, seq);
    return held !== undefined;
  }

  result() {
    return { chunks: this.#chunks, fork: this.#fork };
  }
}
