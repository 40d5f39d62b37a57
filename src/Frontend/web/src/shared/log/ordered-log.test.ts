import { describe, expect, it } from 'vitest';
import type { LoggedEvent } from '../contracts';
import { behindBy, emptyLog, entryAt, firstMissing, reduceLog, type LogState } from './ordered-log';

const event = (seq: number, text = `text ${seq}`): LoggedEvent => ({ seq, hash: `hash of ${text}`, body: JSON.stringify({ text }) });
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => event(from + index));
const live = (log: LogState<{ text: string }>, ...events: LoggedEvent[]) => reduceLog(log, { kind: 'live', events });
const texts = (log: LogState<{ text: string }>) => Array.from({ length: log.last }, (_, index) => entryAt(log, index + 1)?.event.text);

/** A small repeatable generator (mulberry32), so that a failing case can be run again. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

describe('reduceLog', () => {
  it('applies events in order', () => {
    const log = live(emptyLog(), event(1), event(2));
    expect(texts(log)).toEqual(['text 1', 'text 2']);
    expect(behindBy(log)).toBe(0);
  });

  it('drops repeats', () => {
    const log = live(live(emptyLog(), ...range(1, 3)), ...range(2, 4));
    expect(texts(log)).toEqual(['text 1', 'text 2', 'text 3', 'text 4']);
    expect(log.fork).toBeNull();
  });

  it('does not apply beyond a gap, says how far behind it is, and goes on when the gap is filled', () => {
    const gapped = live(live(emptyLog(), event(1)), event(4), event(5));
    expect(gapped.last).toBe(1);
    expect(behindBy(gapped)).toBe(4);
    expect(entryAt(gapped, 4)).toBeUndefined();
    const healed = live(gapped, ...range(2, 3));
    expect(healed.last).toBe(5);
    expect(behindBy(healed)).toBe(0);
  });

  it('learns from the incident that it is behind though no event came', () => {
    expect(behindBy(reduceLog(live(emptyLog(), event(1)), { kind: 'live', events: [], head: 9 }))).toBe(8);
  });

  it('notices one number with two contents, and keeps the first', () => {
    const log = live(live(emptyLog(), ...range(1, 5)), event(3, 'another text'));
    expect(log.fork).toBe(3);
    expect(texts(log)[2]).toBe('text 3');
  });

  it('follows from the middle, and older pages fill in without moving anything', () => {
    let log = reduceLog(emptyLog<{ text: string }>(), { kind: 'follow', after: 600, head: 800 });
    expect(behindBy(log)).toBe(200);
    log = live(log, ...range(601, 800));
    expect(firstMissing(log, 550, 650)).toBe(550);
    log = reduceLog(log, { kind: 'fill', events: range(401, 600) });
    expect(firstMissing(log, 401, 800)).toBeNull();
    expect(entryAt(log, 400)).toBeUndefined();
    expect(log.last).toBe(800);
  });

  it('does not let a filled page run ahead of the live end', () => {
    const log = reduceLog(live(emptyLog<{ text: string }>(), event(1)), { kind: 'fill', events: range(1, 5) });
    expect(log.last).toBe(1);
    expect(entryAt(log, 2)).toBeUndefined();
  });

  it('leaves earlier states as they were', () => {
    const before = live(emptyLog(), event(1));
    live(before, event(2));
    expect(texts(before)).toEqual(['text 1']);
    expect(entryAt(before, 2)).toBeUndefined();
  });

  it('ends with each event once and in order, whatever arrives how often and in which order', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const next = random(seed);
      const count = 1 + Math.floor(next() * 60);
      let log = emptyLog<{ text: string }>();
      const seen: number[] = [];
      for (let step = 0; step < 80; step++) {
        const from = 1 + Math.floor(next() * count);
        const batch = range(from, Math.min(count, from + Math.floor(next() * 8)));
        if (next() < 0.3) batch.reverse();
        const before = log.last;
        log = live(log, ...batch);
        for (let seq = before + 1; seq <= log.last; seq++) seen.push(seq);
        expect(log.last).toBeGreaterThanOrEqual(before);
      }
      // What the page does in the end: asks for what comes after its last number.
      const before = log.last;
      log = live(log, ...range(before + 1, count));
      for (let seq = before + 1; seq <= log.last; seq++) seen.push(seq);
      expect(seen, `seed ${seed}`).toEqual(Array.from({ length: count }, (_, index) => index + 1));
      expect(texts(log), `seed ${seed}`).toEqual(range(1, count).map(({ seq }) => `text ${seq}`));
      expect(log.early.size).toBe(0);
      expect(log.fork).toBeNull();
    }
  });
});
