import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Standing } from '../contracts';
import { backoffMs } from './backoff';
import { connectionWords, type ConnectionState } from './connection-state';
import { HubLink, type HubTransport, type LinkEnvironment } from './hub-link';
import { followStanding } from './standing';

class FakeTransport implements HubTransport {
  readonly handlers = new Map<string, (...args: never[]) => void>();
  closed: () => void = () => undefined;
  stopped = false;
  settle: { resolve: () => void; reject: (error: Error) => void } = { resolve: () => undefined, reject: () => undefined };
  start = () => new Promise<void>((resolve, reject) => (this.settle = { resolve, reject }));
  stop = async () => {
    this.stopped = true;
  };
  invoke = async (): Promise<unknown> => 'answer';
  on = (method: string, handler: (...args: never[]) => void) => void this.handlers.set(method, handler);
  onClose = (handler: () => void) => (this.closed = handler);
}

function setUp() {
  const transports: FakeTransport[] = [];
  const wakes: (() => void)[] = [];
  const offs: (() => void)[] = [];
  const env = { online: true };
  const environment: LinkEnvironment = { now: () => Date.now(), random: () => 1, online: () => env.online, onWake: (handler) => wakes.push(handler), onOffline: (handler) => offs.push(handler) };
  const link = new HubLink(() => {
    const transport = new FakeTransport();
    transports.push(transport);
    return transport;
  }, environment);
  const connect = async () => {
    transports.at(-1)!.settle.resolve();
    await vi.advanceTimersByTimeAsync(0);
  };
  return { link, transports, env, connect, wake: () => wakes.forEach((wake) => wake()), goOffline: () => offs.forEach((off) => off()) };
}

describe('HubLink', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('connects when something is watched, and resumes it', async () => {
    const { link, connect } = setUp();
    const resume = vi.fn(async () => undefined);
    expect(link.state.get().kind).toBe('idle');
    link.watch('incident:1', resume);
    expect(link.state.get().kind).toBe('connecting');
    expect(resume).not.toHaveBeenCalled();
    await connect();
    expect(link.state.get().kind).toBe('live');
    expect(resume).toHaveBeenCalledTimes(1);
  });

  it('reconnects after a break with growing pauses and then resumes everything that is watched', async () => {
    const { link, transports, connect } = setUp();
    const resumes = [vi.fn(async () => undefined), vi.fn(async () => undefined)];
    resumes.forEach((resume, index) => link.watch(`incident:${index}`, resume));
    await connect();
    transports[0]!.closed();
    expect(link.state.get()).toMatchObject({ kind: 'reconnecting', attempt: 1 });
    for (const pause of [200, 400, 800]) {
      const before = transports.length;
      await vi.advanceTimersByTimeAsync(pause - 1);
      expect(transports).toHaveLength(before);
      await vi.advanceTimersByTimeAsync(1);
      expect(transports).toHaveLength(before + 1);
      transports.at(-1)!.settle.reject(new Error('refused'));
      await vi.advanceTimersByTimeAsync(0);
    }
    await vi.advanceTimersByTimeAsync(1_600);
    await connect();
    expect(link.state.get().kind).toBe('live');
    for (const resume of resumes) expect(resume).toHaveBeenCalledTimes(2);
  });

  it('tries at once when the browser comes online or the page is looked at again', async () => {
    const { link, transports, connect, wake } = setUp();
    link.start();
    await connect();
    transports[0]!.closed();
    wake();
    expect(transports).toHaveLength(2);
    wake();
    expect(transports).toHaveLength(2);
    await connect();
    expect(link.state.get().kind).toBe('live');
  });

  it('says offline when the browser is, and drops a connection that cannot know it yet', async () => {
    const { link, transports, connect, env, goOffline, wake } = setUp();
    link.start();
    await connect();
    env.online = false;
    goOffline();
    expect(link.state.get().kind).toBe('offline');
    expect(transports[0]!.stopped).toBe(true);
    env.online = true;
    wake();
    await connect();
    expect(link.state.get().kind).toBe('live');
  });

  it('gives up a start that hangs', async () => {
    const { link, transports } = setUp();
    link.start();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(link.state.get().kind).toBe('reconnecting');
    expect(transports[0]!.stopped).toBe(true);
  });

  it('does not hear a connection that it has given up', async () => {
    const { link, transports, connect } = setUp();
    link.start();
    await connect();
    link.restart();
    await connect();
    transports[0]!.closed();
    expect(link.state.get().kind).toBe('live');
  });

  it('asks again when resuming fails', async () => {
    const { link, connect } = setUp();
    const resume = vi.fn(async () => undefined).mockRejectedValueOnce(new Error('busy'));
    link.watch('incidents', resume);
    await connect();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(resume).toHaveBeenCalledTimes(2);
  });

  it('resumes one watch when something of it is missing, once at a time, until it is answered', async () => {
    const { link, connect } = setUp();
    const [resume, other] = [vi.fn(async () => undefined), vi.fn(async () => undefined)];
    link.watch('incident:1', resume);
    link.watch('incident:2', other);
    link.refresh('incident:1');
    await connect();
    expect(resume).toHaveBeenCalledTimes(1);
    resume.mockRejectedValueOnce(new Error('busy'));
    link.refresh('incident:1');
    link.refresh('incident:1');
    await vi.advanceTimersByTimeAsync(1_999);
    link.refresh('incident:1');
    expect(resume).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(resume).toHaveBeenCalledTimes(3);
    link.refresh('incident:1');
    link.refresh('incident:3');
    expect(resume).toHaveBeenCalledTimes(4);
    expect(other).toHaveBeenCalledTimes(1);
  });

  it('says since when something that is watched has no answer, until it has one or nobody watches it', async () => {
    const { link, transports, connect } = setUp();
    let answers = false;
    link.watch('incidents', async () => undefined);
    const leave = link.watch('incident:1', () => (answers ? Promise.resolve() : Promise.reject(new Error('no silo'))));
    await connect();
    const since = link.unansweredSince.get();
    expect(since).not.toBeNull();
    await vi.advanceTimersByTimeAsync(6_000);
    expect(link.unansweredSince.get()).toBe(since);
    answers = true;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(link.unansweredSince.get()).toBeNull();
    answers = false;
    transports[0]!.closed();
    await vi.advanceTimersByTimeAsync(200);
    await connect();
    expect(link.unansweredSince.get()).not.toBeNull();
    leave();
    expect(link.unansweredSince.get()).toBeNull();
  });

  it('refuses to call while it is not live', async () => {
    const { link } = setUp();
    await expect(link.invoke('Post')).rejects.toThrow('Not connected.');
  });
});

describe('followStanding', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  const tell = (transport: FakeTransport, standing: Standing) => (transport.handlers.get('Standing') as unknown as (standing: Standing) => void)(standing);

  it('holds what the front end says until it says that all is well', async () => {
    const { link, transports, connect } = setUp();
    const away = followStanding(link, () => Date.now());
    link.start();
    await connect();
    expect(away.get()).toBeNull();
    tell(transports[0]!, { away: ['silo'], away_ms: 2_500 });
    expect(away.get()).toEqual({ names: ['silo'], since: Date.now() - 2_500 });
    tell(transports[0]!, { away: [] });
    expect(away.get()).toBeNull();
  });

  it('forgets what a front end said with the connection to it, and does not hear it any more', async () => {
    const { link, transports, connect } = setUp();
    const away = followStanding(link, () => Date.now());
    link.start();
    await connect();
    tell(transports[0]!, { away: ['database'], away_ms: 60_000 });
    transports[0]!.closed();
    expect(away.get()).toBeNull();
    tell(transports[0]!, { away: ['database'], away_ms: 61_000 });
    expect(away.get()).toBeNull();
    await vi.advanceTimersByTimeAsync(200);
    await connect();
    expect(away.get()).toBeNull();
    tell(transports[1]!, { away: ['silo'], away_ms: 3_000 });
    expect(away.get()?.names).toEqual(['silo']);
    link.restart();
    expect(away.get()).toBeNull();
  });
});

it('backs off from 0.2 s to 10 s, each page at its own time', () => {
  expect([1, 2, 3, 7, 60].map((attempt) => backoffMs(attempt, () => 1))).toEqual([200, 400, 800, 10_000, 10_000]);
  expect(backoffMs(7, () => 0)).toBe(5_000);
});

describe('connectionWords', () => {
  const live: ConnectionState = { kind: 'live' };
  const facts = { behind: 0, waiting: 0, now: 12_000 };
  it.each([
    [{ ...facts, states: [live, { kind: 'idle' } as const] }, 'Live'],
    [{ ...facts, states: [live, { kind: 'reconnecting', since: 0, attempt: 3, retryAt: null } as const] }, 'Reconnecting (12 s)'],
    [{ ...facts, states: [live], behind: 38 }, 'Behind, catching up (38 events)'],
    [{ ...facts, states: [{ kind: 'offline', since: 0 } as const], waiting: 2 }, 'Offline, 2 posts waiting'],
    [{ ...facts, states: [{ kind: 'connecting', since: 0 } as const] }, 'Connecting'],
    [{ ...facts, states: [live], unansweredSince: 10_000 }, 'Live'],
    [{ ...facts, states: [live], unansweredSince: 4_000, waiting: 1 }, 'No answer (8 s), 1 post waiting'],
    [{ ...facts, states: [live], away: { names: ['silo'], since: 0 }, unansweredSince: 4_000, behind: 3 }, 'No silo answers (12 s)'],
    [{ ...facts, states: [live], away: { names: ['database'], since: 9_500 }, waiting: 2 }, 'The database does not answer (3 s), 2 posts waiting'],
    [{ ...facts, states: [live], away: { names: ['database', 'silo'], since: 0 } }, 'No silo and no database answers (12 s)'],
    [{ ...facts, states: [live], away: { names: ['cache'], since: 0 } }, 'Not all answer: cache (12 s)'],
    [{ ...facts, states: [live, { kind: 'reconnecting', since: 4_000, attempt: 3, retryAt: null } as const], away: { names: ['silo'], since: 0 } }, 'Reconnecting (8 s)'],
    [{ ...facts, states: [live], waiting: 1, waitingSince: 11_000 }, 'Live, 1 post waiting'],
    [{ ...facts, states: [live], waiting: 1, waitingSince: 5_000 }, 'Live, 1 post waiting (7 s)'],
  ])('says %#: %s', (given, text) => expect(connectionWords(given).text).toBe(text));
});
