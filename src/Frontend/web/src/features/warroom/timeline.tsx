import { Button } from '@mantine/core';
import { IconArrowDown } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { behindBy, entryAt } from '@/shared/log/ordered-log';
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
  const [atEnd, setAtEnd] = useState(chosen === null);
  // What was there when one arrived, or was last at the end, is not new; null until the page has caught up.
  const [seen, setSeen] = useState<number | null>(null);
  // Only a person's own hand leaves the end: rows that grow while they are measured move the view as well.
  const movedAt = useRef(0);
  const moved = () => {
    movedAt.current = performance.now();
  };
  const count = log.last + pending.length;
  // eslint-disable-next-line react-hooks/incompatible-library -- the rows are memoized by themselves
  const rows = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => 60,
    overscan: 6,
    getItemKey: (index) => (index < log.last ? index + 1 : (pending[index - log.last]?.id ?? index)),
    anchorTo: 'end',
  });
  const items = rows.getVirtualItems();
  const first = (items[0]?.index ?? 0) + 1;
  const last = (items.at(-1)?.index ?? 0) + 1;

  useEffect(() => onNeed(Math.max(1, first - 20), Math.min(log.last, last + 20)), [onNeed, first, last, log]);

  // An address with an event shows that event, once more when its text is there and its neighbours have their heights.
  const placed = useRef('');
  useLayoutEffect(() => {
    if (chosen === null || chosen > log.last) return;
    const place = `${chosen} ${String(entryAt(log, chosen) !== undefined)}`;
    if (placed.current === place) return;
    placed.current = place;
    movedAt.current = performance.now();
    rows.scrollToIndex(chosen - 1, { align: 'center' });
  }, [rows, chosen, log]);

  // At the end one stays at the end, whatever arrives and however high it turns out to be.
  const total = rows.getTotalSize();
  useLayoutEffect(() => {
    const box = scroller.current;
    if (box && atEnd) box.scrollTop = box.scrollHeight;
  }, [atEnd, total, count]);

  const onScroll = () => {
    const box = scroller.current;
    if (!box) return;
    const near = box.scrollHeight - box.scrollTop - box.clientHeight < 80;
    if (near) setAtEnd(true);
    else if (performance.now() - movedAt.current < 700) setAtEnd(false);
  };
  const caughtUp = behindBy(log) === 0;
  if (seen !== log.last && caughtUp && (atEnd || seen === null)) setSeen(log.last);
  const fresh = atEnd || seen === null ? 0 : Math.max(0, log.last - seen);

  return (
    <div className={classes['frame']}>
      <div ref={scroller} className={classes['scroller']} onScroll={onScroll} onWheel={moved} onTouchMove={moved} onKeyDown={moved} onPointerDown={moved} role="feed" aria-label="Timeline" aria-busy={log.last === 0} tabIndex={0} data-last={log.last}>
        <div className={classes['sizer']} style={{ height: total }}>
          {items.map((row) => {
            const item = row.index < log.last ? undefined : pending[row.index - log.last];
            return (
              <div key={row.key} ref={rows.measureElement} data-index={row.index} className={classes['row']} style={{ transform: `translateY(${row.start}px)` }}>
                {item ? (
                  <PendingEntry item={item} author={author} connected={connected} onRetry={() => onRetry(item.id)} onEdit={() => onEdit(item)} />
                ) : (
                  <TimelineEntry seq={row.index + 1} entry={entryAt(log, row.index + 1)} before={row.index === 0 ? undefined : entryAt(log, row.index)} chosen={chosen === row.index + 1} />
                )}
              </div>
            );
          })}
        </div>
      </div>
      {!atEnd && (
        <Button className={classes['fresh']} size="compact-md" variant={fresh > 0 ? 'filled' : 'default'} leftSection={<IconArrowDown size={16} aria-hidden />} onClick={() => setAtEnd(true)}>
          {fresh > 0 ? `${fresh} new` : 'To the end'}
        </Button>
      )}
    </div>
  );
}
