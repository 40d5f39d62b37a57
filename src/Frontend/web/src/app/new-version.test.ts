import { afterEach, expect, it, vi } from 'vitest';
import type { ConnectionState } from '@/shared/connection/connection-state';
import type { HubLink } from '@/shared/connection/hub-link';
import { Store } from '@/shared/store';
import { answer } from '@/shared/testing/render';
import { followVersions, lookForNewVersion, newVersion } from './new-version';

afterEach(() => newVersion.set(false));

const page = (entry: string) => new Response(`<!doctype html><script src="/color-scheme.js"></script><script type="module" crossorigin src="${entry}"></script>`);

it('knows another build by its entry, and takes nothing else for one', async () => {
  answer(() => page('/assets/index-a.js'));
  expect(await lookForNewVersion('/assets/index-a.js')).toBe(false);
  answer(() => new Response('<html>Log in to the network</html>'));
  expect(await lookForNewVersion('/assets/index-a.js')).toBe(false);
  answer(() => Promise.reject(new TypeError('Failed to fetch')));
  expect(await lookForNewVersion('/assets/index-a.js')).toBe(false);
  answer(() => page('/assets/index-b.js'));
  expect(await lookForNewVersion('/assets/index-a.js')).toBe(true);
  expect(newVersion.get()).toBe(true);
});

it('looks after each connect but the first, and takes the new build when a part of the old one is gone', async () => {
  document.head.innerHTML = '<script type="module" src="/assets/index-a.js"></script>';
  const state = new Store<ConnectionState>({ kind: 'connecting', since: 0 });
  const worker = vi.fn<() => Promise<unknown>>(async () => undefined);
  const reload = vi.fn<() => void>();
  const asked = answer(() => page('/assets/index-b.js'));
  followVersions({ state } as unknown as HubLink, worker, reload);
  state.set({ kind: 'live' });
  expect(asked).toHaveLength(0);
  state.set({ kind: 'reconnecting', since: 0, attempt: 1, retryAt: null });
  state.set({ kind: 'live' });
  await vi.waitFor(() => expect(newVersion.get()).toBe(true));
  expect(worker).toHaveBeenCalledOnce();
  expect(reload).not.toHaveBeenCalled();
  window.dispatchEvent(new Event('vite:preloadError'));
  await vi.waitFor(() => expect(reload).toHaveBeenCalledOnce());
  document.head.innerHTML = '';
});
