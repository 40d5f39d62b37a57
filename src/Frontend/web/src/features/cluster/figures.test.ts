import { expect, it } from 'vitest';
import { drainProgress, formatBytes, formatMs, formatRate, isLast } from './figures';
import { silo } from './samples';

it('says sizes, rates and times with as many digits as matter', () => {
  expect([formatBytes(300 * 2 ** 20), formatBytes(1.5 * 2 ** 30)]).toEqual(['300 MiB', '1.5 GiB']);
  expect([formatMs(0.4231), formatMs(3.26), formatMs(12.4), formatMs(3_400)]).toEqual(['0.42 ms', '3.3 ms', '12 ms', '3.4 s']);
  expect([formatRate(12.34), formatRate(1234.5)]).toEqual(['12.3', '1,235']);
});

it('knows how far a drain is, also of a silo with nothing in memory', () => {
  expect(drainProgress(silo('a'))).toBeNull();
  expect(drainProgress(silo('a', { status: 'draining' }, { activations: 250, activations_before_drain: 1_000 }))).toEqual({ left: 250, before: 1_000, percent: 75 });
  expect(drainProgress(silo('a', { status: 'draining' }, { activations: 0, activations_before_drain: 0 }))?.percent).toBe(100);
});

it('takes a silo for the last when no other serves', () => {
  const a = silo('a');
  expect(isLast(a, [a])).toBe(true);
  expect(isLast(a, [a, silo('b')])).toBe(false);
  expect(isLast(a, [a, silo('b', { stale: true }), silo('c', { status: 'draining' }), silo('d', { status: 'dead' })])).toBe(true);
});
