import type { Away } from './standing';

/** How a link to the server stands. `since` and `retryAt` are milliseconds of the page's clock. */
export type ConnectionState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'connecting'; readonly since: number }
  | { readonly kind: 'live' }
  | { readonly kind: 'reconnecting'; readonly since: number; readonly attempt: number; readonly retryAt: number | null }
  | { readonly kind: 'offline'; readonly since: number };

const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;

const seconds = (ms: number) => Math.max(0, Math.round(ms / 1000));
/** Up to here an answer is only slow. */
const slowMs = 3_000;

export interface ConnectionFacts {
  readonly states: readonly ConnectionState[];
  /** What the server says that it gets no answer from. */
  readonly away?: Away | null;
  /** Events that the server has and this page has not shown yet. */
  readonly behind: number;
  /** Posts and messages that are not committed yet. */
  readonly waiting: number;
  /** When the oldest of these was written, if there is one. */
  readonly waitingSince?: number | null;
  /** Since when a live link leaves a question without an answer. */
  readonly unansweredSince?: number | null;
  readonly now: number;
}

export interface ConnectionWords {
  readonly tone: 'good' | 'busy' | 'bad';
  readonly text: string;
}

const awayWords: Readonly<Record<string, string>> = { silo: 'No silo answers', database: 'The database does not answer', 'database silo': 'No silo and no database answers' };

function wordsOfAway(names: readonly string[]): string {
  return awayWords[[...names].sort().join(' ')] ?? `Not all answer: ${names.join(', ')}`;
}

/** The state of the page's connections in words: the worst link counts. */
export function connectionWords({ states, away = null, behind, waiting, waitingSince = null, unansweredSince = null, now }: ConnectionFacts): ConnectionWords {
  const posts = waiting > 0 ? `, ${plural(waiting, 'post')} waiting` : '';
  const offline = states.find((state) => state.kind === 'offline');
  if (offline) return { tone: 'bad', text: `Offline${posts}` };
  const broken = states.find((state) => state.kind === 'reconnecting');
  if (broken) return { tone: 'bad', text: `Reconnecting (${seconds(now - broken.since)} s)${posts}` };
  if (states.some((state) => state.kind === 'connecting')) return { tone: 'busy', text: 'Connecting' };
  if (away) return { tone: 'bad', text: `${wordsOfAway(away.names)} (${seconds(now - away.since)} s)${posts}` };
  if (unansweredSince !== null && now - unansweredSince >= slowMs) return { tone: 'bad', text: `No answer (${seconds(now - unansweredSince)} s)${posts}` };
  if (behind > 0) return { tone: 'busy', text: `Behind, catching up (${plural(behind, 'event')})` };
  // What is not committed for so long is not as it should be, whatever the link says.
  if (waitingSince !== null && now - waitingSince >= slowMs) return { tone: 'busy', text: `Live${posts} (${seconds(now - waitingSince)} s)` };
  return { tone: 'good', text: waiting > 0 ? `Live${posts}` : 'Live' };
}
