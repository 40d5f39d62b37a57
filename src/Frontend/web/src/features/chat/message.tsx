import { Button, Group } from '@mantine/core';
import { memo } from 'react';
import type { ChatMessage } from '@/shared/contracts';
import { Markdown } from '@/shared/markdown/markdown';
import { CopyButton } from '@/shared/ui/copy-button';
import { Clock } from '@/shared/ui/time';
import classes from './chat.module.css';

export type ReplyVerb = 'Regenerate' | 'Continue';

interface MessageProps {
  readonly message: ChatMessage;
  readonly botName: string;
  /** How many replies are in front of it in the model's queue. */
  readonly queued: number;
  /** Given for the last reply: what can be asked of it. */
  readonly onVerb?: (verb: ReplyVerb) => void;
}

/** How a reply ended, in words; nothing to say of one that is complete. */
export function endWords(message: ChatMessage): string | null {
  switch (message.status) {
    case 'failed':
      return `${(message.outcome?.error ?? 'The model failed').replace(/\.$/, '')}. Your message is kept.`;
    case 'interrupted':
      return 'The reply was cut off. What had come is kept.';
    case 'stopped':
      return 'Stopped.';
    case 'complete':
      return message.outcome?.finish_reason === 'length' ? 'The reply reached its longest length.' : null;
    case 'streaming':
      return null;
  }
}

export const Message = memo(function Message({ message, botName, queued, onVerb }: MessageProps) {
  const mine = message.role === 'user';
  const streaming = message.status === 'streaming';
  const words = endWords(message);
  return (
    <article className={classes['message']} data-role={message.role} data-status={message.status} aria-label={mine ? `Message of ${message.by.name}` : `Reply of ${botName}`} aria-busy={streaming}>
      <header>
        <strong>{mine ? message.by.name : botName}</strong>
        {!mine && <span className={classes['mark']}>bot</span>}
        {message.outcome?.model && <span className={classes['quiet']}>{message.outcome.model}</span>}
        {message.outcome?.simulated && <span className={classes['mark']}>simulated</span>}
        <Clock at={message.at} seconds={false} className={classes['quiet']} />
      </header>
      {streaming && message.text === '' ? <p className={classes['waiting']}>{queued > 0 ? `Waiting for the model: ${queued} in front` : 'Thinking…'}</p> : <Markdown text={message.text} />}
      {words !== null && (
        <p className={classes['ended']} data-bad={message.status === 'failed' || undefined} role={message.status === 'failed' ? 'alert' : undefined}>
          {words}
        </p>
      )}
      <Group gap={4} mih={mine ? 0 : 24}>
        {!mine && !streaming && message.text !== '' && <CopyButton text={message.text} label="Copy reply" />}
        {onVerb && !streaming && (
          <>
            {(message.status === 'interrupted' || message.status === 'stopped') && message.text !== '' && (
              <Button size="compact-xs" variant="default" onClick={() => onVerb('Continue')}>
                Continue
              </Button>
            )}
            <Button size="compact-xs" variant={message.status === 'failed' ? 'default' : 'subtle'} color="gray" onClick={() => onVerb('Regenerate')}>
              {message.status === 'failed' ? 'Send again' : 'Regenerate'}
            </Button>
          </>
        )}
      </Group>
    </article>
  );
});
