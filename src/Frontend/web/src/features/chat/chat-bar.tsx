import { Title } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './chat.module.css';

interface ChatBarProps {
  readonly title: string;
  /** Stands before the title: the way to the other chats where there is no room for their list. */
  readonly before?: ReactNode;
  readonly children?: ReactNode;
}

/** The line above a conversation: what it is about, and what belongs to it. */
export function ChatBar({ title, before, children }: ChatBarProps) {
  return (
    <div className={classes['bar']}>
      {before}
      <Title order={1} size="h5" className={classes['barTitle']} title={title}>
        {title}
      </Title>
      {children}
    </div>
  );
}
