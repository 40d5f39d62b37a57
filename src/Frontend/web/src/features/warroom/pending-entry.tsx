import { Button, Group } from '@mantine/core';
import { IconClock, IconX } from '@tabler/icons-react';
import { Markdown } from '@/shared/markdown/markdown';
import type { OutboxItem } from '@/shared/outbox/outbox';
import { Clock } from '@/shared/ui/time';
import classes from './timeline.module.css';

interface PendingEntryProps {
  readonly item: OutboxItem;
  readonly author: string;
  readonly connected: boolean;
  readonly onRetry: () => void;
  /** Takes the text back into the box. */
  readonly onEdit: () => void;
}

const words = (item: OutboxItem, connected: boolean): string => {
  if (item.status === 'committed') return 'Committed';
  if (item.status === 'failed') return `Not posted. ${item.error ?? ''} Your text is kept.`;
  return (connected ? 'Sending' : 'Waiting for the connection; it is sent by itself') + (item.stored ? '' : '. This browser does not store it: keep the page open');
};

/** A post of mine that the timeline has not shown yet: never looks like one that it has. */
export function PendingEntry({ item, author, connected, onRetry, onEdit }: PendingEntryProps) {
  return (
    <article className={classes['entry']} data-pending={item.status} aria-label={item.status === 'failed' ? 'Post that failed' : 'Post on its way'}>
      <span className={classes['time']}>
        <Clock at={item.at} />
      </span>
      <div className={classes['what']}>
        <strong>{author}</strong>
        <Markdown text={item.text} />
        <Group gap={8} className={classes['pendingState']}>
          <span>
            {item.status === 'failed' ? <IconX size={14} aria-hidden /> : item.status === 'sending' ? <IconClock size={14} aria-hidden /> : null} {words(item, connected)}
          </span>
          {item.status === 'failed' && (
            <>
              <Button size="compact-xs" variant="default" onClick={onRetry}>
                Retry
              </Button>
              <Button size="compact-xs" variant="subtle" onClick={onEdit}>
                Edit
              </Button>
            </>
          )}
        </Group>
      </div>
    </article>
  );
}
