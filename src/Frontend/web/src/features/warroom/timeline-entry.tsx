import { Anchor, Skeleton, VisuallyHidden } from '@mantine/core';
import { memo } from 'react';
import type { IncidentEvent } from '@/shared/contracts';
import type { LogEntry } from '@/shared/log/ordered-log';
import { Markdown } from '@/shared/markdown/markdown';
import { dayOf, formatDay } from '@/shared/time';
import { AuthorName } from '@/shared/ui/author';
import { Clock } from '@/shared/ui/time';
import { safeAddress } from '@/shared/markdown/blocks';
import { describe } from './describe';
import classes from './timeline.module.css';

interface TimelineEntryProps {
  readonly seq: number;
  readonly entry: LogEntry<IncidentEvent> | undefined;
  /** The event before it, if it is known: a day divider stands where the day changes. */
  readonly before: LogEntry<IncidentEvent> | undefined;
  readonly chosen: boolean;
}

/** One event of the timeline, at its permalink `#e12`. */
export const TimelineEntry = memo(function TimelineEntry({ seq, entry, before, chosen }: TimelineEntryProps) {
  if (!entry) return <Skeleton height={32} my={8} animate={false} role="article" aria-busy aria-label={`Event ${seq}, loading`} />;
  const { event } = entry;
  const newDay = seq === 1 || (before !== undefined && dayOf(before.event.at) !== dayOf(event.at));
  return (
    <>
      {newDay && (
        // No separator: a feed holds articles and nothing else that has a role.
        <div className={classes['day']}>{formatDay(event.at)}</div>
      )}
      <article id={`e${seq}`} className={classes['entry']} data-kind={event.kind} data-seq={seq} data-chosen={chosen || undefined} aria-label={`Event ${seq}`} aria-posinset={seq} aria-setsize={-1} tabIndex={-1}>
        <Anchor href={`#e${seq}`} className={classes['time']} underline="hover">
          <Clock at={event.at} />
          <VisuallyHidden component="span">, link to event {seq}</VisuallyHidden>
        </Anchor>
        <div className={classes['what']}>
          <div>
            <AuthorName author={event.by} /> {event.kind !== 'posted' && <span className={classes['did']}>{describe(event)}</span>}
          </div>
          <Detail event={event} />
        </div>
      </article>
    </>
  );
});

function Detail({ event }: { readonly event: IncidentEvent }) {
  switch (event.kind) {
    case 'posted':
      return <Markdown text={event.text} />;
    case 'opened':
      return event.description ? <Markdown text={event.description} /> : null;
    case 'description_changed':
      return event.to ? <Markdown text={event.to} /> : null;
    case 'status_changed':
      return event.reason ? <p className={classes['reason']}>{event.reason}</p> : null;
    case 'alert_fired':
    case 'alert_resolved': {
      const source = event.alert.source_url === undefined ? null : safeAddress(event.alert.source_url);
      return (
        <p className={classes['reason']}>
          {event.alert.summary} {source !== null && <Anchor href={source} underline="always" target="_blank" rel="noopener noreferrer">Rule</Anchor>}
        </p>
      );
    }
    default:
      return null;
  }
}
