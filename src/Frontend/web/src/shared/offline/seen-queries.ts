import type { Query, QueryClient } from '@tanstack/react-query';
import { ApiError } from '../api';
import { isFresh, isSeen, Keeper, seenStore, showsSeen } from './last-seen';
import type { SeenStore } from './seen-store';

/** The lists that are worth a look while nothing answers. What the cluster does is not: nobody may take old figures for new ones. */
const roots: readonly unknown[] = ['incidents', 'services', 'bots', 'sessions'];

/** What somebody searched for once is not worth a room's place. */
const isKept = ({ queryKey: [root, filter] }: Query): boolean => roots.includes(root) && !(filter as { readonly text?: string } | undefined)?.text;

const nameOf = (query: Query): string => `query:${query.queryHash}`;

const isOutage = (error: unknown): boolean => error instanceof ApiError && error.retryable && error.status !== 429;

/** Keeps each list as it was read last, and shows it when its first read fails because nobody answers. */
export function followQueries(client: QueryClient, store: SeenStore = seenStore): void {
  const keepers = new Map<string, Keeper>();
  const seen = new Map<string, number>();
  const restoring = new Set<string>();

  const keep = (query: Query, name: string) => {
    const keeper = keepers.get(name) ?? new Keeper(name, store);
    keepers.set(name, keeper);
    keeper.keep(() => query.state.data);
  };
  const restore = async (query: Query, name: string) => {
    const kept = await store.read(name);
    if (!kept || query.state.data !== undefined) return;
    seen.set(name, kept.at);
    showsSeen(name, kept.at);
    restoring.add(name);
    // As old as can be: whoever looks at it asks for it anew.
    client.setQueryData(query.queryKey, kept.value, { updatedAt: 1 });
    restoring.delete(name);
  };

  client.getQueryCache().subscribe((event) => {
    const query = event.query as Query;
    if (!isKept(query)) return;
    const name = nameOf(query);
    if (event.type === 'observerRemoved' && query.getObserversCount() === 0) isFresh(name);
    if (event.type === 'observerAdded' && seen.has(name)) showsSeen(name, seen.get(name) ?? 0);
    if (event.type !== 'updated') return;
    const { action } = event;
    if (action.type === 'success' && !restoring.has(name)) {
      seen.delete(name);
      isFresh(name);
      keep(query, name);
      readAnew(client);
    }
    if ((action.type === 'failed' || action.type === 'error') && query.state.data === undefined && isOutage(action.error)) void restore(query, name);
  });
}

/** The server answers again: what is shown of an earlier visit is read anew. */
export function readAnew(client: QueryClient): void {
  for (const query of client.getQueryCache().getAll()) if (isSeen(nameOf(query))) void client.invalidateQueries({ queryKey: query.queryKey, exact: true }, { cancelRefetch: false });
}
