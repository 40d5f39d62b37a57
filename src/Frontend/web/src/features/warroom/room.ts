import { ApiError, call, get, hubError } from '@/shared/api';
import type { HubLink } from '@/shared/connection/hub-link';
import type { IncidentEvent, IncidentUpdate, IncidentView, LoggedEvent, TimelinePage, WatchedIncident } from '@/shared/contracts';
import { FrameBatch } from '@/shared/frame-batch';
import { reportBehind } from '@/shared/live-facts';
import { ChainCheck } from '@/shared/log/chain-check';
import { behindBy, emptyLog, entryAt, firstMissing, reduceLog, type LogState } from '@/shared/log/ordered-log';
import { isFresh, Keeper, seenStore, showsSeen } from '@/shared/offline/last-seen';
import type { SeenStore } from '@/shared/offline/seen-store';
import type { Outbox } from '@/shared/outbox/outbox';
import { Store } from '@/shared/store';

export type Timeline = LogState<IncidentEvent>;

export interface RoomState {
  readonly incident: IncidentView | null;
  readonly log: Timeline;
  /** Why it cannot be shown. */
  readonly error: ApiError | null;
  /** The first event that does not follow from its predecessor; null as long as all do. */
  readonly brokenAt: number | null;
}

/** How many of the latest events are read at first; the others when somebody scrolls to them. */
const firstPage = 200;
const pageSize = 200;

/** What is kept of a room for when nobody answers: its latest events, without a gap. */
interface SeenRoom {
  readonly incident: IncidentView;
  readonly events: readonly LoggedEvent[];
}

/** One incident as this page knows it: its facts and its timeline, kept live while anybody looks. */
export class Room {
  readonly state = new Store<RoomState>({ incident: null, log: emptyLog(), error: null, brokenAt: null });
  readonly #updates = new FrameBatch<IncidentUpdate>((updates) => this.#apply(updates));
  readonly #check: ChainCheck;
  readonly #filling = new Set<number>();
  #unwatch: (() => void) | null = null;
  #catchingUp: Promise<void> | null = null;
  /** How often the server said that it dropped something. */
  #behinds = 0;
  #loading: Promise<void> | null = null;
  #viewers = 0;
  /** From when what is shown is, as long as it is from an earlier visit. */
  #seenAt: number | null = null;
  readonly #keeper: Keeper;

  constructor(
    readonly id: string,
    private readonly link: HubLink,
    private readonly outbox: Outbox,
    private readonly seen: SeenStore = seenStore,
  ) {
    this.#keeper = new Keeper(`incident:${id}`, seen);
    this.#check = new ChainCheck(id, (seq) => this.#merge({ brokenAt: Math.min(seq, this.state.get().brokenAt ?? seq) }));
  }

  /** Keeps the room live until the returned function is called. */
  enter(): () => void {
    this.#viewers++;
    if (this.#seenAt !== null) showsSeen(`incident:${this.id}`, this.#seenAt);
    if (this.#viewers === 1) void this.#open();
    return () => {
      this.#viewers--;
      if (this.#viewers === 0) this.#leave();
    };
  }

  readonly retry = (): void => {
    this.#merge({ error: null });
    void this.#open();
  };

  receive(update: IncidentUpdate): void {
    this.#updates.add(update);
  }

  /** The answer to a command of this page: the facts are these now, and the events are on their way. */
  readonly accept = (incident: IncidentView): void => {
    if (incident.version < (this.state.get().incident?.version ?? 0)) return;
    this.#merge({ incident, log: reduceLog(this.state.get().log, { kind: 'live', events: [], head: incident.version }) });
  };

  /** Reads the part of the timeline that somebody is about to look at. */
  readonly need = (from: number, to: number): void => {
    const missing = firstMissing(this.state.get().log, from, Math.min(to, this.state.get().log.last));
    if (missing !== null) void this.#fill(Math.floor((missing - 1) / pageSize));
  };

  /** The server dropped something; the answer to a question that is on its way may be older than that. */
  behind(): void {
    this.#behinds++;
    this.link.refresh(`incident:${this.id}`);
  }

  readonly catchUp = (): Promise<void> => {
    this.#catchingUp ??= this.#readOn().finally(() => {
      this.#catchingUp = null;
    });
    return this.#catchingUp;
  };

  async #open(): Promise<void> {
    try {
      await this.#load();
    } catch (failure) {
      const error = hubError(failure);
      if (error.retryable) await this.#restore();
      this.#merge({ error });
      if (!error.retryable) return;
    }
    // Also when nobody answered: as soon as somebody does, the room opens by itself.
    if (this.#viewers > 0) this.#unwatch ??= this.link.watch(`incident:${this.id}`, this.catchUp);
  }

  #load(): Promise<void> {
    this.#loading ??= this.#read().finally(() => {
      this.#loading = null;
    });
    return this.#loading;
  }

  async #read(): Promise<void> {
    if (this.state.get().incident !== null) return;
    const incident = await get<IncidentView>(`/api/incidents/${this.id}`);
    this.#merge({ incident, error: null, log: reduceLog(this.state.get().log, { kind: 'follow', after: Math.max(0, incident.version - firstPage), head: incident.version }) });
  }

  /** Shows the room as it was seen last; from there it catches up when the server answers. */
  async #restore(): Promise<void> {
    const seen = await this.seen.read<SeenRoom>(`incident:${this.id}`);
    if (!seen || this.state.get().incident !== null) return;
    const { incident, events } = seen.value;
    const after = (events[0]?.seq ?? incident.version + 1) - 1;
    this.#merge({ incident, log: reduceLog(reduceLog(this.state.get().log, { kind: 'follow', after, head: after }), { kind: 'live', events }) });
    this.#seenAt = seen.at;
    if (this.#viewers > 0) showsSeen(`incident:${this.id}`, seen.at);
  }

  #keep(): void {
    this.#keeper.keep(() => {
      const { incident, log } = this.state.get();
      const events: LoggedEvent[] = [];
      for (let entry = entryAt(log, log.last); entry && events.length < firstPage; entry = entryAt(log, entry.seq - 1)) events.unshift({ seq: entry.seq, hash: entry.hash, body: entry.body });
      return incident && events.length > 0 ? ({ incident, events } satisfies SeenRoom) : undefined;
    });
  }

  #leave(): void {
    this.#unwatch?.();
    this.#unwatch = null;
    this.#keeper.flush();
    isFresh(`incident:${this.id}`);
    reportBehind(this.id, 0);
    // The server forgets the watch by itself if this does not arrive.
    void this.link.invoke('Unwatch', this.id).catch(() => undefined);
  }

  /** Asks for what comes after the last number until nothing is missing. */
  async #readOn(): Promise<void> {
    await this.#load();
    for (;;) {
      const behinds = this.#behinds;
      const before = this.state.get().log.last;
      const answer = await this.link.invoke<WatchedIncident>('Watch', this.id, before);
      this.#applyEvents(answer.events, answer.incident);
      const { log } = this.state.get();
      const isDone = !answer.more && log.last >= answer.incident.version;
      if (isDone && behinds === this.#behinds) return;
      if (!isDone && log.last === before) throw new Error('The server has events that it did not send.');
    }
  }

  #apply(updates: readonly IncidentUpdate[]): void {
    const latest = updates.at(-1);
    if (!latest) return;
    this.#applyEvents(
      updates.flatMap((update) => update.events),
      latest.incident,
    );
    const { log } = this.state.get();
    if (behindBy(log) > 0 && this.#viewers > 0) this.link.refresh(`incident:${this.id}`);
  }

  #applyEvents(events: readonly LoggedEvent[], incident: IncidentView): void {
    const before = this.state.get();
    const log = reduceLog(before.log, { kind: 'live', events, head: incident.version });
    this.#merge({ log, error: null, incident: incident.version >= (before.incident?.version ?? 0) ? share(before.incident, incident) : before.incident });
    this.#seenAt = null;
    isFresh(`incident:${this.id}`);
    this.#keep();
    this.#afterLog(log, events);
  }

  async #fill(page: number): Promise<void> {
    if (this.#filling.has(page)) return;
    this.#filling.add(page);
    try {
      const { value } = await call<TimelinePage>(`/api/incidents/${this.id}/timeline?after=${page * pageSize}&limit=${pageSize}`);
      const log = reduceLog(this.state.get().log, { kind: 'fill', events: value.events });
      this.#merge({ log });
      this.#afterLog(log, value.events);
      this.#filling.delete(page);
    } catch {
      // The rows stay grey and are asked for again as long as they are in view.
      setTimeout(() => this.#filling.delete(page), 1_000);
    }
  }

  #afterLog(log: Timeline, events: readonly LoggedEvent[]): void {
    reportBehind(this.id, this.#viewers > 0 ? behindBy(log) : 0);
    this.#check.look(log);
    if (this.outbox.items.get().some((item) => item.target === this.id)) {
      this.outbox.seen(new Set(events.filter((event) => event.seq <= log.last).map((event) => (JSON.parse(event.body) as IncidentEvent).operation_id)));
      const passed = this.outbox.items.get().filter((item) => item.target === this.id && item.status === 'committed' && (item.seq ?? Infinity) <= log.last);
      this.outbox.seen(new Set(passed.map((item) => item.id)));
    }
  }

  #merge(change: Partial<RoomState>): void {
    this.state.update((state) => ({ ...state, ...change }));
  }
}

/** Keeps the parts that are equal as they were: panels that show only those need not be drawn for every event. */
function share(before: IncidentView | null, after: IncidentView): IncidentView {
  if (!before) return after;
  const same = <T>(one: T, other: T): T => (JSON.stringify(one) === JSON.stringify(other) ? one : other);
  return { ...after, alerts: same(before.alerts, after.alerts), services: same(before.services, after.services), opened_by: same(before.opened_by, after.opened_by) };
}
