import { createHash } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import type { LoggedEvent } from '../contracts';
import { ChainCheck } from './chain-check';
import { firstBroken, genesis, nextHash } from './hash-chain';
import { emptyLog, reduceLog } from './ordered-log';

const owner = '019358d2-7c5a-7c3e-8f00-0123456789ab';

/** The formula of the contract, computed by other means. */
const sha256 = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex');

function chain(bodies: readonly string[]): LoggedEvent[] {
  let previous = genesis;
  return bodies.map((body, index) => {
    previous = sha256(`${previous}\n${owner}\n${index + 1}\n${body}`);
    return { seq: index + 1, hash: previous, body };
  });
}

describe('the hash chain', () => {
  it('is the formula of the contract, letters outside ASCII included', async () => {
    expect(await nextHash(genesis, owner, 1, '{"text":"größer 🔥"}')).toBe(sha256(`${genesis}\n${owner}\n1\n{"text":"größer 🔥"}`));
  });

  it('holds for an honest log and names the first event that was edited', async () => {
    const events = chain(['{"a":1}', '{"a":2}', '{"a":3}', '{"a":4}']);
    expect(await firstBroken(owner, genesis, events)).toBeNull();
    const edited = events.map((event) => (event.seq === 3 ? { ...event, body: '{"a":33}' } : event));
    expect(await firstBroken(owner, genesis, edited)).toBe(3);
  });

  it('is checked in the background over all that was read', async () => {
    const bodies = Array.from({ length: 450 }, (_, index) => `{"n":${index}}`);
    const events = chain(bodies).map((event) => (event.seq === 120 ? { ...event, body: '{"n":"edited"}' } : event));
    const broken: number[] = [];
    const check = new ChainCheck(owner, (seq) => broken.push(seq), (work) => setTimeout(work, 0));
    check.look(reduceLog(emptyLog(), { kind: 'live', events }));
    await vi.waitFor(() => expect(broken).toEqual([120]));
  });
});
