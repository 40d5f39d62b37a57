import { Button } from '@mantine/core';
import { IconArrowDown } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { entryAt } from '@/shared/log/ordered-log';
import type { OutboxItem } from '@/shared/outbox/outbox';
import type { Timeline as Log } from './room';
import { PendingEntry } from './pending-entry';
import { TimelineEntry } from './timeline-entry';
import classes from './timeline.module.css';

interface TimelineProps {
  readonly log: Log;
  readonly pending: readonly OutboxItem[];
  readonly author: string;
  readonly connected: boolean;
  /** The event of the address, `#e12`. */
  readonly chosen: number | null;
  readonly onNeed: (from: number, to: number) => void;
  readonly onRetry: (id: string) => void;
  readonly onEdit: (item: OutboxItem) => void;
}

/**
 * The timeline, newest at the bottom. Numbers have no gaps, so row `n` is event `n + 1` whether it is read yet or not: only rows in view exist,
 * and nothing that arrives above or below moves what is being read.
 */
export function Timeline({ log, pending, author, connected, chosen, onNeed, onRetry, onEdit }: TimelineProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  const [seen, setSeen] = useState(log.last);
  const count = log.last + pending.length;
  // eslint-disable-next-line react-hooks/incompatible-library -- the rows are memoized by themselves
  const rows = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => 60,
    overscan: 6,
    getItemKey: (index) => (index < log.last ? index + 1 : (pending[index - log.last]?.id ?? index)),
    anchorTo: 'end',
    followOnAppend: chosen === null || atEnd,
    scrollEndThreshold: 80,
  });
  const items = rows.getVirtualItems();
  const first = (items[0]?.index ?? 0) + 1;
  const last = (items.at(-1)?.index ?? 0) + 1;

  useEffect(() => onNeed(Math.max(1, first - 20), Math.min(log.last, last + 20)), [onNeed, first, last, log]);

  // The first rows appear at the end, or at the event of the address.
  const placed = useRef<number | 'end' | null>(null);
  useLayoutEffect(() => {
    if (count === 0) return;
    const place = chosen !== null && chosen <= log.last ? chosen : placed.current === null && chosen === null ? 'end' : null;
    if (place === null || placed.current === place) return;
    placed.current = place;
    if (place === 'end') rows.scrollToEnd();
    else rows.scrollToIndex(place - 1, { align: 'center' });
  }, [rows, count, chosen, log.last]);

  const onScroll = () => {
    const end = rows.isAtEnd(80);
    setAtEnd(end);
    if (end) setSeen(log.last);
  };
  const fresh = atEnd ? 0 : Math.max(0, log.last - seen);
  if (atEnd && seen !== log.last) setSeen(log.last);

  return (
    <div className={classes['frame']}>
      <div ref={scroller} className={classes['scroller']} onScroll={onScroll} role="feed" aria-label="Timeline" aria-busy={log.last === 0} tabIndex={0} data-last={log.last}>
        <div className={classes['sizer']} style={{ height: rows.getTotalSize() }}>
          {items.map((row) => {
            const item = row.index < log.last ? undefined : pending[row.index - log.last];
            return (
              <div key={row.key} ref={rows.measureElement} data-index={row.index} className={classes['row']} style={{ transform: `translateY(${row.start}px)` }}>
                {item ? (
                  <PendingEntry item={item} author={author} connected={connected} onRetry={() => onRetry(item.id)} onEdit={() => onEdit(item)} />
                ) : (
                  <TimelineEntry seq={row.index + 1} entry={entryAt(log, row.index + 1)} before={row.index === 0 ? undefined : entryAt(log, row.index)} chosen={chosen === row.index + 1} size={log.last} />
                )}
              </div>
            );
          })}
        </div>
      </div>
      {!atEnd && (
        <Button className={classes['fresh']} size="compact-md" variant={fresh > 0 ? 'filled' : 'default'} leftSection={<IconArrowDown size={16} aria-hidden />} onClick={() => rows.scrollToEnd()}>
          {fresh > 0 ? `${fresh} new` : 'To the end'}
        </Button>
      )}
    </div>
  );
}
