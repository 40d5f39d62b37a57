import type { LoggedEvent } from '../contracts';

/** The hash before event 1. */
export const genesis = '0'.repeat(64);

/** `hash(n)` as the contract `LoggedEvent` says. */
export async function nextHash(previous: string, ownerId: string, seq: number, body: string): Promise<string> {
  const bytes = new TextEncoder().encode(`${previous}\n${ownerId}\n${seq}\n${body}`);
  const digest = await crypto.subtle.digest('SHA-256', bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Whether this browser can check the chain: it cannot on plain HTTP from another machine, where it offers no cryptography. */
export const canVerify = (): boolean => typeof (globalThis.crypto as Partial<Crypto> | undefined)?.subtle?.digest === 'function';

/** The first event of consecutive `events` that does not follow from its predecessor; null if all do. The first is judged only if `previous` is given. */
export async function firstBroken(ownerId: string, previous: string | null, events: readonly LoggedEvent[]): Promise<number | null> {
  let before = previous;
  for (const { seq, hash, body } of events) {
    if (before !== null && (await nextHash(before, ownerId, seq, body)) !== hash) return seq;
    before = hash;
  }
  return null;
}
