import { canVerify, firstBroken, genesis } from './hash-chain';
import { entryAt, type LogEntry, type LogState } from './ordered-log';

const batchMax = 200;

/**
 * Follows a log in the background and checks that each event carries the hash of its predecessor. Pages of the log may arrive in any order, so it
 * checks every stretch that has become readable, a few hundred events at a time, when the page has nothing better to do.
 */
export class ChainCheck {
  readonly #checked = new Set<number>();
  #running = false;
  #again: LogState<unknown> | null = null;

  constructor(
    private readonly ownerId: string,
    private readonly onBroken: (seq: number) => void,
    private readonly whenIdle: (work: () => void) => void = idle,
  ) {}

  look(log: LogState<unknown>): void {
    if (!canVerify()) return;
    if (this.#running) {
      this.#again = log;
      return;
    }
    this.#running = true;
    this.whenIdle(() => void this.#run(log));
  }

  async #run(log: LogState<unknown>): Promise<void> {
    let from = log.last;
    for (let checked = 0; from >= 1 && checked < batchMax; from--) {
      const entry = entryAt(log, from);
      if (entry && !this.#checked.has(from)) {
        await this.#one(log, entry);
        checked++;
      }
    }
    this.#running = false;
    const next = this.#again ?? (from >= 1 ? log : null);
    this.#again = null;
    if (next) this.look(next);
  }

  async #one(log: LogState<unknown>, entry: LogEntry<unknown>): Promise<void> {
    const previous = entry.seq === 1 ? genesis : entryAt(log, entry.seq - 1)?.hash;
    if (previous === undefined) return;
    this.#checked.add(entry.seq);
    const broken = await firstBroken(this.ownerId, previous, [entry]);
    if (broken !== null) this.onBroken(broken);
  }
}

function idle(work: () => void): void {
  if (typeof requestIdleCallback === 'function') requestIdleCallback(work, { timeout: 2_000 });
  else setTimeout(work, 50);
}
