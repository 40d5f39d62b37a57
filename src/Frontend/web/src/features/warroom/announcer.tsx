import { VisuallyHidden } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { entryAt } from '@/shared/log/ordered-log';
import { spoken } from './describe';
import type { Timeline } from './room';

const pauseMs = 1_000;
const each = 3;

/** Tells screen readers what others added, at most once a second; a burst becomes a number. */
export function Announcer({ log, mine }: { readonly log: Timeline; readonly mine: string }) {
  const [text, setText] = useState('');
  const told = useRef(log.last);
  const latest = useRef(log);
  useEffect(() => {
    latest.current = log;
  }, [log]);
  useEffect(() => {
    const timer = setInterval(() => {
      const { last } = latest.current;
      if (last <= told.current) return;
      const fresh = Array.from({ length: Math.min(each + 1, last - told.current) }, (_, index) => entryAt(latest.current, last - index)).filter((entry) => entry !== undefined && entry.event.by.name !== mine);
      const count = last - told.current;
      told.current = last;
      if (fresh.length > 0) setText(count > each ? `${count} new timeline entries.` : fresh.reverse().map((entry) => (entry ? spoken(entry.event) : '')).join('. '));
    }, pauseMs);
    return () => clearInterval(timer);
  }, [mine]);
  return (
    <VisuallyHidden aria-live="polite" role="status">
      {text}
    </VisuallyHidden>
  );
}
