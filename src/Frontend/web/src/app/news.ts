import type { Query, QueryClient } from '@tanstack/react-query';
import { behind } from '@/features/warroom/rooms';
import { away, warroomLink } from '@/shared/connection/links';
import type { CatalogueChange, IncidentSummary } from '@/shared/contracts';
import { tellIncident } from '@/shared/incident-news';
import { readAnew } from '@/shared/offline/seen-queries';

const keyOf: Readonly<Record<string, string>> = { service: 'services', bot: 'bots', session: 'sessions' };

const isFailed = (query: Pick<Query, 'state'>): boolean => query.state.status === 'error';

const hasFailed = (client: QueryClient): boolean => client.getQueryCache().getAll().some(isFailed);

/** Carries what the server tells into the lists that show it. After each reconnect the lists are read again: what was told meanwhile was not heard. */
export function listenForNews(client: QueryClient): void {
  const pending = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | null = null;
  // A burst of changes is one read.
  const readAgain = (key: string) => {
    pending.add(key);
    timer ??= setTimeout(() => {
      timer = null;
      for (const each of pending) void client.invalidateQueries({ queryKey: [each] });
      pending.clear();
    }, 250);
  };
  warroomLink.on('Incident', (incident: IncidentSummary) => {
    tellIncident(incident);
    if (incident.version === 1 || incident.status === 'resolved') readAgain('services');
  });
  warroomLink.on('Catalogue', ({ kind }: CatalogueChange) => {
    const key = keyOf[kind];
    if (key) readAgain(key);
  });
  const readListsAgain = () => {
    for (const key of Object.values(keyOf)) readAgain(key);
  };
  warroomLink.on('Behind', (id: string) => {
    if (id !== 'incidents') {
      behind(id);
      return;
    }
    // What was lost may be of any list, or the word of what does not answer: who joins again is told that again.
    readAgain('incidents');
    readListsAgain();
    void warroomLink.invoke('WatchIncidents').catch(() => undefined);
  });
  away.subscribe(() => {
    // What could not be read while something was away can be now.
    if (away.get() === null && warroomLink.state.get().kind === 'live') void client.refetchQueries({ type: 'active', predicate: isFailed });
  });
  let first = true;
  warroomLink.watch('incidents', async () => {
    await warroomLink.invoke('WatchIncidents');
    // Also the first time: something may have happened between the first read and joining.
    readAgain('incidents');
    if (!first || hasFailed(client)) readListsAgain();
    first = false;
    readAnew(client);
  });
}
