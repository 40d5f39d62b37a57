import type { QueryClient } from '@tanstack/react-query';
import { behind } from '@/features/warroom/rooms';
import { warroomLink } from '@/shared/connection/links';
import type { CatalogueChange, IncidentSummary } from '@/shared/contracts';
import { tellIncident } from '@/shared/incident-news';
import { readAnew } from '@/shared/offline/seen-queries';

const keyOf: Readonly<Record<string, string>> = { service: 'services', bot: 'bots', session: 'sessions' };

const hasFailed = (client: QueryClient): boolean => client.getQueryCache().getAll().some((query) => query.state.status === 'error');

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
  warroomLink.on('Behind', (id: string) => {
    if (id === 'incidents') readAgain('incidents');
    else behind(id);
  });
  let first = true;
  warroomLink.watch('incidents', async () => {
    await warroomLink.invoke('WatchIncidents');
    // Also the first time: something may have happened between the first read and joining.
    readAgain('incidents');
    if (!first || hasFailed(client)) for (const key of Object.values(keyOf)) readAgain(key);
    first = false;
    readAnew(client);
  });
}
