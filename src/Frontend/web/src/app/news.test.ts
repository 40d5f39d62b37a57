import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { afterEach, expect, it, vi } from 'vitest';
import { away, warroomLink } from '@/shared/connection/links';
import { listenForNews } from './news';

afterEach(() => {
  vi.restoreAllMocks();
  warroomLink.state.set({ kind: 'idle' });
  away.set(null);
});

function listen() {
  const handlers = new Map<string, (argument: unknown) => void>();
  vi.spyOn(warroomLink, 'on').mockImplementation((method, handler) => void handlers.set(method, handler as (argument: unknown) => void));
  vi.spyOn(warroomLink, 'watch').mockReturnValue(() => undefined);
  const invoke = vi.spyOn(warroomLink, 'invoke').mockResolvedValue(undefined);
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  listenForNews(client);
  const show = async (key: string, read: () => Promise<string>) => {
    const reads = vi.fn(read);
    new QueryObserver(client, { queryKey: [key], queryFn: reads }).subscribe(() => undefined);
    await vi.waitFor(() => expect(client.isFetching()).toBe(0));
    expect(reads).toHaveBeenCalledTimes(1);
    return reads;
  };
  return { client, invoke, show, tell: (method: string, argument: unknown) => handlers.get(method)?.(argument) };
}

it('reads every list that is shown again when it lost something, and asks again how the server stands', async () => {
  const { invoke, show, tell } = listen();
  const lists = [await show('incidents', async () => 'old'), await show('services', async () => 'old')];
  tell('Behind', 'incidents');
  expect(invoke).toHaveBeenCalledExactlyOnceWith('WatchIncidents');
  await vi.waitFor(() => lists.forEach((read) => expect(read).toHaveBeenCalledTimes(2)));
});

it('reads again what it could not read while something was away, and nothing else', async () => {
  const { client, show } = listen();
  warroomLink.state.set({ kind: 'live' });
  const well = await show('bots', async () => 'read');
  const failed = await show('services', async () => Promise.reject(new Error('no silo')));
  away.set({ names: ['silo'], since: 0 });
  failed.mockResolvedValue('read');
  away.set(null);
  await vi.waitFor(() => expect(client.getQueryData(['services'])).toBe('read'));
  expect(failed).toHaveBeenCalledTimes(2);
  expect(well).toHaveBeenCalledTimes(1);
});
