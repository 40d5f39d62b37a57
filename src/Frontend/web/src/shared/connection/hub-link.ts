import { Store } from '../store';
import { backoffMs } from './backoff';
import type { ConnectionState } from './connection-state';

/** One connection to one hub, from start to end; never restarted. */
export interface HubTransport {
  start(): Promise<void>;
  stop(): Promise<void>;
  invoke(method: string, ...args: unknown[]): Promise<unknown>;
  on(method: string, handler: (...args: never[]) => void): void;
  onClose(handler: () => void): void;
}

/** What the page asked to be told about. Called after every connect: it asks for what it lacks since its last number. */
export type Resume = () => Promise<void>;

export interface LinkEnvironment {
  readonly now: () => number;
  readonly random: () => number;
  readonly online: () => boolean;
  /** Says when the browser comes online or the page becomes visible: the time to try at once. */
  readonly onWake: (handler: () => void) => void;
  readonly onOffline: (handler: () => void) => void;
}

const startTimeoutMs = 10_000;
const resumeRetryMs = 1_000;

/**
 * The connection to one hub: connects when first needed, reconnects by itself with jittered back-off, and after each connect resumes everything that is watched.
 * A caller never sees a half-open connection: `invoke` fails at once unless it is live.
 */
export class HubLink {
  readonly state = new Store<ConnectionState>({ kind: 'idle' });
  /** Since when a live connection has left something that is watched without an answer; null while it does not. A front end that reaches no silo is such a one. */
  readonly unansweredSince = new Store<number | null>(null);
  readonly #unanswered = new Set<string>();
  readonly #handlers = new Map<string, (...args: never[]) => void>();
  readonly #watches = new Map<string, Resume>();
  /** What is being resumed, or will be again. */
  readonly #resuming = new Set<string>();
  #transport: HubTransport | null = null;
  #attempt = 0;
  #brokenSince = 0;
  #retry: ReturnType<typeof setTimeout> | null = null;
  #generation = 0;

  constructor(
    private readonly create: () => HubTransport,
    private readonly environment: LinkEnvironment,
  ) {
    environment.onWake(() => this.#wake());
    environment.onOffline(() => this.#lost(true));
  }

  /** The one handler of a message of the server; set before the first connect. */
  on(method: string, handler: (...args: never[]) => void): void {
    this.#handlers.set(method, handler);
    this.#transport?.on(method, handler);
  }

  start(): void {
    if (this.state.get().kind !== 'idle') return;
    this.#brokenSince = this.environment.now();
    this.state.set({ kind: 'connecting', since: this.#brokenSince });
    void this.#connect();
  }

  /** Leaves the server and comes back under the present name. */
  restart(): void {
    if (this.state.get().kind === 'idle') return;
    this.#drop();
    this.#attempt = 0;
    this.#brokenSince = this.environment.now();
    this.state.set({ kind: 'connecting', since: this.#brokenSince });
    void this.#connect();
  }

  /** Keeps something watched until the returned function is called. */
  watch(key: string, resume: Resume): () => void {
    this.#watches.set(key, resume);
    this.start();
    if (this.state.get().kind === 'live') void this.#resume(key, this.#generation);
    return () => {
      if (this.#watches.get(key) !== resume) return;
      this.#watches.delete(key);
      this.#answered(key);
    };
  }

  /** Resumes one watch because something of it is missing; as after a connect, it is tried again until it is answered. */
  refresh(key: string): void {
    if (this.state.get().kind === 'live' && !this.#resuming.has(key)) void this.#resume(key, this.#generation);
  }

  async invoke<T>(method: string, ...args: unknown[]): Promise<T> {
    const transport = this.#transport;
    if (!transport || this.state.get().kind !== 'live') throw new Error('Not connected.');
    return (await transport.invoke(method, ...args)) as T;
  }

  async #connect(): Promise<void> {
    const generation = ++this.#generation;
    const transport = this.create();
    this.#transport = transport;
    for (const [method, handler] of this.#handlers) transport.on(method, handler);
    transport.onClose(() => {
      if (generation === this.#generation) this.#lost(false);
    });
    try {
      await withTimeout(transport.start(), startTimeoutMs);
    } catch {
      // Why it failed is of no use to a person: the state says that it did, and the next attempt follows.
      if (generation === this.#generation) this.#lost(false);
      else void transport.stop().catch(() => undefined);
      return;
    }
    if (generation !== this.#generation) {
      void transport.stop().catch(() => undefined);
      return;
    }
    this.#attempt = 0;
    this.state.set({ kind: 'live' });
    for (const key of this.#watches.keys()) void this.#resume(key, generation);
  }

  /** Resumes one watch; as long as this connection lives it is tried again, because a page that silently stopped being live is the worst of all. */
  async #resume(key: string, generation: number): Promise<void> {
    const resume = this.#watches.get(key);
    if (!resume || generation !== this.#generation) return;
    this.#resuming.add(key);
    try {
      await resume();
      if (generation === this.#generation) this.#answered(key);
    } catch {
      if (generation === this.#generation && this.#watches.get(key) === resume) {
        this.#unanswered.add(key);
        this.unansweredSince.update((since) => since ?? this.environment.now());
      }
      setTimeout(() => {
        if (this.#watches.get(key) === resume && this.state.get().kind === 'live') void this.#resume(key, generation);
      }, resumeRetryMs * (1 + this.environment.random()));
    }
  }

  #answered(key: string): void {
    this.#resuming.delete(key);
    this.#unanswered.delete(key);
    if (this.#unanswered.size === 0) this.unansweredSince.set(null);
  }

  #lost(offline: boolean): void {
    const before = this.state.get();
    if (before.kind === 'idle') return;
    this.#drop();
    const now = this.environment.now();
    if (before.kind === 'live') this.#brokenSince = now;
    if (offline || !this.environment.online()) {
      this.state.set({ kind: 'offline', since: this.#brokenSince });
      // Browsers are sometimes wrong about being offline; a slow attempt goes on underneath.
      this.#plan(backoffMs(100, this.environment.random));
      return;
    }
    this.#attempt++;
    const delay = backoffMs(this.#attempt, this.environment.random);
    this.state.set({ kind: 'reconnecting', since: this.#brokenSince, attempt: this.#attempt, retryAt: now + delay });
    this.#plan(delay);
  }

  #plan(delayMs: number): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#tryNow(), delayMs);
  }

  #tryNow(): void {
    this.#clearRetry();
    if (this.state.get().kind !== 'offline') this.state.set({ kind: 'reconnecting', since: this.#brokenSince, attempt: this.#attempt, retryAt: null });
    void this.#connect();
  }

  #wake(): void {
    const { kind } = this.state.get();
    if ((kind === 'reconnecting' || kind === 'offline') && this.#retry !== null) this.#tryNow();
  }

  #clearRetry(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
  }

  /** Gives up the present transport; what it still says is not heard. */
  #drop(): void {
    this.#generation++;
    this.#resuming.clear();
    this.#unanswered.clear();
    this.unansweredSince.set(null);
    this.#clearRetry();
    const transport = this.#transport;
    this.#transport = null;
    if (transport) void transport.stop().catch(() => undefined);
  }
}

function withTimeout(work: Promise<void>, ms: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('Connecting took too long.')), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
