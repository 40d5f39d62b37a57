import { describe, expect, it, vi } from 'vitest';
import type { HubLink, Resume } from '@/shared/connection/hub-link';
import type { IncidentView, LoggedEvent } from '@/shared/contracts';
import { entryAt } from '@/shared/log/ordered-log';
import { lastSeenAt } from '@/shared/offline/last-seen';
import { memorySeenStore } from '@/shared/offline/memory-seen-store';
import { Outbox } from '@/shared/outbox/outbox';
import { answer, json, problem } from '@/shared/testing/render';
import { Room } from './room';

const by = { kind: 'person', name: 'Ana' } as const;
const at = '2026-11-20T10:00:00Z';
const event = (seq: number, operation = `o${seq}`): LoggedEvent => ({ seq, hash: `h${seq}`, body: JSON.stringify({ kind: 'posted', at, by, operation_id: operation, text: `text ${seq}` }) });
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => event(from + index));
const view = (version: number): IncidentView => ({ id: 'i1', version, title: 'T', description: '', severity: 'high', status: 'open', services: [], alerts: [], created_at: at, started_at: at, updated_at: at, opened_by: by });

/** The hub as the room uses it, over a log that the test lets grow. */
function hub(log: LoggedEvent[]) {
  const asked: number[] = [];
  const asking = { before: async () => undefined };
  let resume: Resume = async () => undefined;
  const link = {
    refresh: () => void resume(),
    watch: (_key: string, next: Resume) => {
      resume = next;
      void next();
      return () => undefined;
    },
    invoke: async (method: string, _id: string, after: number) => {
      if (method !== 'Watch') return undefined;
      asked.push(after);
      const answer = { incident: view(log.length), events: log.slice(after, after + 500), more: after + 500 < log.length };
      await asking.before();
      return answer;
    },
  } as unknown as HubLink;
  return { link, asked, asking, reconnect: () => resume() };
}

/** The same hub, not connected: what is to be resumed is noted. */
const watching = (link: HubLink, note: (resume: Resume) => void): HubLink => ({ invoke: link.invoke.bind(link), watch: (_key: string, next: Resume) => (note(next), () => undefined) }) as unknown as HubLink;

const outboxOf = (send = () => new Promise<{ seq: number }>(() => undefined)) => new Outbox({ name: 'room-test', send, ready: () => true });

describe('Room', () => {
  it('reads the latest events first, and older ones when they are looked at', async () => {
    const log = range(1, 1_000);
    const { link, asked } = hub(log);
    const requests = answer(({ path }) => {
      const after = Number(new URL(path, 'http://x').searchParams.get('after'));
      return path.includes('/timeline') ? json({ events: log.slice(after, after + 200), version: 1_000, more: true }) : json(view(1_000));
    });
    const room = new Room('i1', link, outboxOf());
    room.enter();
    await vi.waitFor(() => expect(room.state.get().log.last).toBe(1_000));
    expect(asked).toEqual([800]);
    room.need(1, 20);
    await vi.waitFor(() => expect(entryAt(room.state.get().log, 1)?.event).toMatchObject({ text: 'text 1' }));
    expect(requests.filter(({ path }) => path.includes('/timeline'))).toHaveLength(1);
  });

  it('asks for what it lacks when an update leaves a gap, and shows nothing out of order meanwhile', async () => {
    const log = range(1, 5);
    const { link, asked } = hub(log);
    answer(() => json(view(5)));
    const room = new Room('i1', link, outboxOf());
    room.enter();
    await vi.waitFor(() => expect(room.state.get().log.last).toBe(5));
    log.push(...range(6, 9));
    room.receive({ incident_id: 'i1', events: [event(9)], incident: view(9) });
    await vi.waitFor(() => expect(room.state.get().log.last).toBe(9));
    expect(asked).toEqual([0, 5]);
    expect(room.state.get().incident?.version).toBe(9);
  });

  it('asks once more when the server dropped something while its answer was on its way', async () => {
    const log = range(1, 5);
    const { link, asked, asking, reconnect } = hub(log);
    answer(() => json(view(5)));
    const room = new Room('i1', link, outboxOf());
    room.enter();
    await vi.waitFor(() => expect(room.state.get().log.last).toBe(5));
    asking.before = async () => {
      asking.before = async () => undefined;
      log.push(...range(6, 9));
      room.behind();
      return undefined;
    };
    await reconnect();
    expect(room.state.get().log.last).toBe(9);
    expect(asked).toEqual([0, 5, 5]);
  });

  it('resumes from its last number after a reconnect', async () => {
    const log = range(1, 3);
    const { link, asked, reconnect } = hub(log);
    answer(() => json(view(3)));
    const room = new Room('i1', link, outboxOf());
    room.enter();
    await vi.waitFor(() => expect(room.state.get().log.last).toBe(3));
    log.push(...range(4, 1_400));
    await reconnect();
    expect(room.state.get().log.last).toBe(1_400);
    expect(asked).toEqual([0, 3, 503, 1_003]);
  });

  it('takes a post of its own out of the outbox when the timeline shows it', async () => {
    const log = range(1, 1);
    const { link } = hub(log);
    answer(() => json(view(1)));
    const outbox = outboxOf();
    const room = new Room('i1', link, outbox);
    room.enter();
    await vi.waitFor(() => expect(room.state.get().log.last).toBe(1));
    const { id } = outbox.add('i1', 'mine');
    log.push(event(2, id));
    room.receive({ incident_id: 'i1', events: [event(2, id)], incident: view(2) });
    await vi.waitFor(() => expect(outbox.items.get()).toEqual([]));
  });

  it('warns when events do not follow from one another', async () => {
    const { link } = hub(range(1, 3));
    answer(() => json(view(3)));
    const room = new Room('i1', link, outboxOf());
    room.enter();
    await vi.waitFor(() => expect(room.state.get().brokenAt).toBe(1), { timeout: 5_000 });
  });

  it('says that there is no such incident', async () => {
    const { link } = hub([]);
    answer(() => problem(404, 'incident.not_found', 'There is no incident with this id.'));
    const room = new Room('i1', link, outboxOf());
    room.enter();
    await vi.waitFor(() => expect(room.state.get().error?.status).toBe(404));
  });

  it('opens as it was seen last when nobody answers, says so, and goes on from there by itself', async () => {
    const log = range(1, 300);
    const seen = memorySeenStore();
    const before = hub(log);
    answer(() => json(view(300)));
    const visited = new Room('i1', before.link, outboxOf(), seen);
    const leave = visited.enter();
    await vi.waitFor(() => expect(visited.state.get().log.last).toBe(300));
    leave();
    await vi.waitFor(() => expect(seen.kept.size).toBe(1));

    answer(() => Promise.reject(new TypeError('Failed to fetch')));
    let resume: Resume = async () => undefined;
    const later = hub(log);
    const link = watching(later.link, (next) => (resume = next));
    const room = new Room('i1', link, outboxOf(), seen);
    room.enter();
    await vi.waitFor(() => expect(room.state.get().log.last).toBe(300));
    expect(entryAt(room.state.get().log, 101)?.event).toMatchObject({ text: 'text 101' });
    expect(entryAt(room.state.get().log, 100)).toBeUndefined();
    expect(lastSeenAt.get()).not.toBeNull();

    log.push(...range(301, 304));
    await resume();
    expect(room.state.get()).toMatchObject({ error: null, brokenAt: null, incident: { version: 304 } });
    expect(room.state.get().log.last).toBe(304);
    expect(later.asked).toEqual([300]);
    expect(lastSeenAt.get()).toBeNull();
  });

  it('opens by itself when the server answers again, without anything seen before', async () => {
    const log = range(1, 5);
    const { link } = hub(log);
    answer(() => Promise.reject(new TypeError('Failed to fetch')));
    let resume: Resume = async () => undefined;
    const room = new Room('i1', watching(link, (next) => (resume = next)), outboxOf(), memorySeenStore());
    room.enter();
    await vi.waitFor(() => expect(room.state.get().error?.status).toBe(0));
    answer(() => json(view(5)));
    await resume();
    expect(room.state.get()).toMatchObject({ error: null, incident: { version: 5 } });
    expect(room.state.get().log.last).toBe(5);
  });
});
