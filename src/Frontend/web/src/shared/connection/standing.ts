import type { Standing } from '../contracts';
import { Store } from '../store';
import type { HubLink } from './hub-link';

/** What a front end that is reached gets no answer from itself. `since` is milliseconds of the page's clock. */
export interface Away {
  readonly names: readonly string[];
  readonly since: number;
}

/** Holds what the front end says of what it needs; null when all is well. What it said is forgotten with the connection: another one may answer next. */
export function followStanding(link: HubLink, now: () => number): Store<Away | null> {
  const away = new Store<Away | null>(null);
  link.on('Standing', ({ away: names, away_ms }: Standing) => {
    if (link.state.get().kind !== 'live') return;
    away.set(names.length > 0 ? { names, since: now() - (away_ms ?? 0) } : null);
  });
  link.state.subscribe(() => {
    if (link.state.get().kind !== 'live') away.set(null);
  });
  return away;
}
