/** The viewer's own zone and language. */
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });
const shortClock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hour12: false });
const dateAndClock = new Intl.DateTimeFormat(undefined, { year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });
const day = new Intl.DateTimeFormat(undefined, { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' });

export const formatClock = (time: number | string): string => clock.format(new Date(time));
export const formatShortClock = (time: number | string): string => shortClock.format(new Date(time));
export const formatLocal = (time: number | string): string => dateAndClock.format(new Date(time));
export const formatDay = (time: number | string): string => day.format(new Date(time));
export const formatUtc = (time: number | string): string => `${new Date(time).toISOString().replace('T', ' ').slice(0, 19)} UTC`;

/** The local calendar day, to compare. */
export function dayOf(time: number | string): string {
  const date = new Date(time);
  return `${date.getFullYear()}-${date.getMonth()}-${date.getDate()}`;
}

const units = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
] as const;

/** A length of time in its largest unit, such as `4 min`. */
export function formatLength(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  for (const [unit, length] of units) if (seconds >= length) return `${Math.floor(seconds / length)} ${unit}`;
  return `${seconds} s`;
}

/** How long ago, such as `4 min ago`; clocks differ, so what seems to be in the near future is now. */
export function formatAgo(time: number | string, now: number): string {
  const ms = now - new Date(time).getTime();
  return ms < 5_000 ? 'just now' : `${formatLength(ms)} ago`;
}

/** A running timer: `1:04:09`. */
export function formatTimer(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number) => String(value).padStart(2, '0');
  const days = Math.floor(seconds / 86_400);
  return `${days > 0 ? `${days} d ` : ''}${Math.floor(seconds / 3600) % 24}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}
