import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ApiError } from '../api';
import { lastSeenAt } from './last-seen';
import { memorySeenStore } from './memory-seen-store';
import { followQueries, readAnew } from './seen-queries';
import type { SeenStore } from './seen-store';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** One visit: a page with its own cache over what the browser keeps. */
function visit(store: SeenStore) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false, networkMode: 'always' } } });
  followQueries(client, store);
  const look = (key: string, read: () => Promise<unknown>) => {
    const observer = new QueryObserver(client, { queryKey: [key], queryFn: read });
    observer.subscribe(() => undefined);
    return observer;
  };
  return { client, look };
}

const unreachable = () => Promise.reject(new ApiError('Warroom cannot be reached.', 'page.unreachable', 0));

it('shows what was read last when nobody answers, says from when, and reads anew afterwards', async () => {
  const store = memorySeenStore();
  vi.setSystemTime(1_000_000);
  visit(store).look('services', async () => ['checkout']);
  await vi.advanceTimersByTimeAsync(3_000);

  vi.setSystemTime(2_000_000);
  const later = visit(store);
  const read = vi.fn<() => Promise<unknown>>(unreachable);
  const services = later.look('services', read);
  await vi.advanceTimersByTimeAsync(100);
  expect(services.getCurrentResult().data).toEqual(['checkout']);
  expect(lastSeenAt.get()).toBe(1_002_000);

  read.mockImplementation(async () => ['checkout', 'search']);
  readAnew(later.client);
  await vi.advanceTimersByTimeAsync(100);
  expect(services.getCurrentResult().data).toEqual(['checkout', 'search']);
  expect(lastSeenAt.get()).toBeNull();
});

it('keeps each list by itself, and says nothing of those that nobody looks at', async () => {
  const store = memorySeenStore();
  visit(store).look('services', async () => ['old']);
  await vi.advanceTimersByTimeAsync(3_000);
  visit(store).look('bots', async () => ['old']);
  await vi.advanceTimersByTimeAsync(3_000);
  const later = visit(store);
  const [services, bots] = [later.look('services', unreachable), later.look('bots', unreachable)];
  await vi.advanceTimersByTimeAsync(100);
  expect([services.getCurrentResult().data, bots.getCurrentResult().data]).toEqual([['old'], ['old']]);
  services.destroy();
  expect(lastSeenAt.get()).not.toBeNull();
  bots.destroy();
  expect(lastSeenAt.get()).toBeNull();
  later.look('bots', unreachable);
  expect(lastSeenAt.get()).not.toBeNull();
  later.client.clear();
});

it('reads all anew as soon as one list is answered', async () => {
  const store = memorySeenStore();
  const first = visit(store);
  first.look('services', async () => ['old']);
  first.look('bots', async () => ['old']);
  await vi.advanceTimersByTimeAsync(3_000);
  const later = visit(store);
  const read = vi.fn<() => Promise<unknown>>(unreachable);
  const [services, bots] = [later.look('services', read), later.look('bots', read)];
  await vi.advanceTimersByTimeAsync(100);
  expect([services.getCurrentResult().data, bots.getCurrentResult().data]).toEqual([['old'], ['old']]);
  read.mockImplementation(async () => ['new']);
  await services.refetch();
  await vi.advanceTimersByTimeAsync(100);
  expect(bots.getCurrentResult().data).toEqual(['new']);
  expect(lastSeenAt.get()).toBeNull();
});

it('never shows it while the server answers, and keeps nothing of the cluster', async () => {
  const store = memorySeenStore();
  const first = visit(store);
  first.look('services', async () => ['old']);
  first.look('cluster', async () => ({ silos: [] }));
  await vi.advanceTimersByTimeAsync(3_000);
  expect([...store.kept.keys()]).toEqual(['query:["services"]']);

  const later = visit(store);
  const refused = later.look('services', () => Promise.reject(new ApiError('No.', 'request.bad', 400)));
  const slow = later.look('bots', () => new Promise((resolve) => setTimeout(() => resolve(['Ada']), 5_000)));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(refused.getCurrentResult().data).toBeUndefined();
  expect(slow.getCurrentResult().data).toBeUndefined();
  expect(lastSeenAt.get()).toBeNull();
});
