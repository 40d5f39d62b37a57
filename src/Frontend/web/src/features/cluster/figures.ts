import type { SiloEntry } from '@/shared/contracts';
import { formatTimer } from '@/shared/time';

const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

export const formatCount = (value: number): string => whole.format(value);

/** A rate: with a tenth while it is small enough to matter. */
export const formatRate = (value: number): string => (value < 100 ? tenths : whole).format(value);

/** Bytes in MiB or GiB, as operators' limits are given. */
export const formatBytes = (bytes: number): string => (bytes < 2 ** 30 ? `${whole.format(bytes / 2 ** 20)} MiB` : `${tenths.format(bytes / 2 ** 30)} GiB`);

/** A short length of time: `0.42 ms`, `12 ms`, `3.4 s`. */
export function formatMs(ms: number): string {
  if (ms < 10) return `${Number(ms.toPrecision(2))} ms`;
  if (ms < 1_000) return `${whole.format(ms)} ms`;
  return `${tenths.format(ms / 1_000)} s`;
}

export const formatUptime = (seconds: number): string => formatTimer(seconds * 1_000);

export const isThere = (silo: SiloEntry): boolean => silo.status !== 'stopped' && silo.status !== 'dead';

/** Whether nobody else could take over. */
export const isLast = (silo: SiloEntry, silos: readonly SiloEntry[]): boolean => !silos.some((other) => other.id !== silo.id && other.status === 'active' && !other.stale);

/** Whether somebody asked for its drain already, begun or not. */
export const isDrainAsked = (silo: SiloEntry): boolean => silo.status === 'draining' || (silo.drain !== undefined && silo.drain.finished_at === undefined);

/** Its name; with its address while another one that is there has the same name, as after a crash. */
export const distinctName = (silo: SiloEntry, silos: readonly SiloEntry[]): string =>
  silos.some((other) => other.id !== silo.id && other.name === silo.name && isThere(other)) ? `${silo.name} at ${silo.address}` : silo.name;

export interface DrainProgress {
  readonly left: number;
  readonly before: number;
  /** 0 to 100. */
  readonly percent: number;
}

/** How far a silo is with handing over; null if it has not begun. */
export function drainProgress(silo: SiloEntry): DrainProgress | null {
  const before = silo.figures?.activations_before_drain;
  if (silo.status !== 'draining' || silo.figures === undefined || before === undefined) return null;
  const left = Math.min(before, silo.figures.activations);
  return { left, before, percent: before === 0 ? 100 : Math.round((100 * (before - left)) / before) };
}
