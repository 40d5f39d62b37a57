/** How a link to the server stands. `since` and `retryAt` are milliseconds of the page's clock. */
export type ConnectionState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'connecting'; readonly since: number }
  | { readonly kind: 'live' }
  | { readonly kind: 'reconnecting'; readonly since: number; readonly attempt: number; readonly retryAt: number | null }
  | { readonly kind: 'offline'; readonly since: number };

const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;

export interface ConnectionFacts {
  readonly states: readonly ConnectionState[];
  /** Events that the server has and this page has not shown yet. */
  readonly behind: number;
  /** Posts and messages that are not committed yet. */
  readonly waiting: number;
  readonly now: number;
}

export interface ConnectionWords {
  readonly tone: 'good' | 'busy' | 'bad';
  readonly text: string;
}

/** The state of the page's connections in words: the worst link counts. */
export function connectionWords({ states, behind, waiting, now }: ConnectionFacts): ConnectionWords {
  const posts = waiting > 0 ? `, ${plural(waiting, 'post')} waiting` : '';
  const offline = states.find((state) => state.kind === 'offline');
  if (offline) return { tone: 'bad', text: `Offline${posts}` };
  const broken = states.find((state) => state.kind === 'reconnecting');
  if (broken) return { tone: 'bad', text: `Reconnecting (${Math.max(0, Math.round((now - broken.since) / 1000))} s)${posts}` };
  if (states.some((state) => state.kind === 'connecting')) return { tone: 'busy', text: 'Connecting' };
  if (behind > 0) return { tone: 'busy', text: `Behind, catching up (${plural(behind, 'event')})` };
  return { tone: 'good', text: waiting > 0 ? `Live${posts}` : 'Live' };
}
