import { Text } from '@mantine/core';
import { IconCloudOff } from '@tabler/icons-react';
import { lastSeenAt } from '@/shared/offline/last-seen';
import { Ago, LocalTime } from '@/shared/ui/time';
import { useStore } from '@/shared/use-store';
import classes from './shell.module.css';

/** Says that what is shown is from an earlier visit, and from when. */
export function LastSeenNote() {
  const at = useStore(lastSeenAt);
  if (at === null) return null;
  return (
    <Text size="sm" role="status" aria-label="Last seen state" className={classes['lastSeen']}>
      <IconCloudOff size={16} aria-hidden />
      <span>
        Warroom does not answer. What you see is as you last saw it, <Ago at={at} /> (<LocalTime at={at} />). What you write is kept and sent by itself.
      </span>
    </Text>
  );
}
