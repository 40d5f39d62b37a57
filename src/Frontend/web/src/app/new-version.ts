import type { HubLink } from '@/shared/connection/hub-link';
import { Store } from '@/shared/store';

/** Whether the server has another build of the page than the one that is open. */
export const newVersion = new Store(false);

const ownEntry = (): string | null => document.querySelector('script[type="module"][src]')?.getAttribute('src') ?? null;

const isControlled = (): boolean => 'serviceWorker' in navigator && navigator.serviceWorker.controller !== null;

/** Asks the server which build it has. Only a document that names another entry is another build: no answer, or somebody else's, is none. */
export async function lookForNewVersion(own: string | null = ownEntry()): Promise<boolean> {
  if (own === null || !own.startsWith('/assets/')) return false;
  try {
    const answer = await fetch('/', { cache: 'no-store', headers: { Accept: 'text/html' } });
    const entry = answer.ok ? /<script type="module"[^>]* src="(\/assets\/[^"]+)"/.exec(await answer.text())?.[1] : undefined;
    if (entry !== undefined && entry !== own) newVersion.set(true);
  } catch {
    // Nobody answers: asked again after the next connect.
  }
  return newVersion.get();
}

/**
 * A server that is updated is restarted, so pages learn of it when they connect again. A part of an old build that the server no longer has fails to load;
 * then there is nothing to lose by taking the new one at once, for drafts and posts on their way are stored.
 */
export function followVersions(link: HubLink, worker: () => Promise<unknown>, reload: () => void = () => window.location.reload()): void {
  let before = link.state.get().kind;
  let connected = false;
  link.state.subscribe(() => {
    const { kind } = link.state.get();
    if (kind === 'live' && before !== 'live') {
      // A page that a service worker opened may be that of an earlier visit.
      if (connected || isControlled()) {
        void lookForNewVersion();
        void worker();
      }
      connected = true;
    }
    before = kind;
  });
  window.addEventListener('vite:preloadError', (event) => {
    void lookForNewVersion().then((isNew) => isNew && reload());
    if (newVersion.get()) event.preventDefault();
  });
}
