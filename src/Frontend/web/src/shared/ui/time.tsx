import { formatAgo, formatClock, formatLocal, formatShortClock, formatTimer, formatUtc } from '../time';
import { useNow } from './now';

interface TimeProps {
  /** RFC 3339, or milliseconds since 1970. */
  readonly at: string | number;
  readonly className?: string;
}

const titleOf = (at: string | number) => `${formatLocal(at)} · ${formatUtc(at)}`;
const machine = (at: string | number) => new Date(at).toISOString();

/** How long ago; ticks. The exact local time and UTC on hover. */
export function Ago({ at, className }: TimeProps) {
  const now = useNow();
  return (
    <time dateTime={machine(at)} title={titleOf(at)} className={className}>
      {formatAgo(at, now)}
    </time>
  );
}

/** The local time of day; date and UTC on hover. */
export function Clock({ at, className, seconds = true }: TimeProps & { readonly seconds?: boolean }) {
  return (
    <time dateTime={machine(at)} title={titleOf(at)} className={className}>
      {seconds ? formatClock(at) : formatShortClock(at)}
    </time>
  );
}

/** The local date and time; UTC on hover. */
export function LocalTime({ at, className }: TimeProps) {
  return (
    <time dateTime={machine(at)} title={formatUtc(at)} className={className}>
      {formatLocal(at)}
    </time>
  );
}

/** A timer that runs since `at`, or stood still at `until`. */
export function Timer({ at, until, className }: TimeProps & { readonly until?: string }) {
  const now = useNow();
  const end = until ? new Date(until).getTime() : now;
  return (
    <time dateTime={machine(at)} title={`since ${titleOf(at)}`} className={className}>
      {formatTimer(end - new Date(at).getTime())}
    </time>
  );
}
