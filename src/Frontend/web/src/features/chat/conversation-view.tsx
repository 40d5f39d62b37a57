import { Button, Drawer, VisuallyHidden } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconLayoutSidebarRight } from '@tabler/icons-react';
import { useCallback, useEffect, useId, useLayoutEffect, useRef, useState, type ReactNode } from 'react';
import { hubError } from '@/shared/api';
import { chatLink } from '@/shared/connection/links';
import type { BotView } from '@/shared/contracts';
import { useVerbs } from '@/shared/keys/keys';
import { Markdown } from '@/shared/markdown/markdown';
import { useDraft } from '@/shared/outbox/draft';
import { messages as outbox } from '@/shared/outbox/outboxes';
import { ErrorBoundary } from '@/shared/ui/error-boundary';
import { ErrorNote } from '@/shared/ui/error-note';
import { usePageTitle } from '@/shared/ui/page-title';
import { SlowSkeleton } from '@/shared/ui/slow-skeleton';
import { useStore } from '@/shared/use-store';
import { sessionOf } from './chat-session';
import { ChatBar } from './chat-bar';
import { Composer } from './composer';
import { ChatDetails } from './details';
import { Message, type ReplyVerb } from './message';
import classes from './chat.module.css';

interface ConversationViewProps {
  readonly id: string;
  readonly bots: readonly BotView[];
  /** Stands at the beginning of the line above. */
  readonly before: ReactNode;
}

export function ConversationView({ id, bots, before }: ConversationViewProps) {
  const chat = sessionOf(id);
  const state = useStore(chat.state);
  const connected = useStore(chatLink.state).kind === 'live';
  const unsent = useStore(outbox.items).filter((item) => item.target === id && !state.messages.some((message) => message.id === item.id));
  const [draft, setDraft] = useDraft(`chat.${id}`);
  const [failure, setFailure] = useState<{ readonly verb: string; readonly error: unknown } | null>(null);
  const [details, setDetails] = useState(false);
  const wide = useMediaQuery('(min-width: 1200px)', true, { getInitialValueInEffect: false });
  const panel = useId();
  const box = useRef<HTMLTextAreaElement>(null);
  useEffect(() => chat.enter(), [chat]);
  usePageTitle(state.session?.title ?? 'Chat');

  const ask = useCallback(
    (verb: ReplyVerb | 'Stop') => {
      setFailure(null);
      chat.command(verb).catch((error: unknown) => setFailure({ verb, error: hubError(error) }));
    },
    [chat],
  );
  const streaming = state.liveReply !== null;
  useVerbs('Chat', [
    { name: 'Write a message', key: 'p', run: () => box.current?.focus() },
    { name: details ? 'Hide the details' : 'Show the details', key: 'd', run: () => setDetails(!details) },
    ...(streaming ? [{ name: 'Stop the reply', key: 's', run: () => ask('Stop') }] : []),
  ]);

  const { scroller, onScroll } = useFollow(state.messages, unsent.length);
  if (state.error && !state.session) {
    return (
      <>
        <ChatBar title="Chat" before={before} />
        <div className={classes['welcome']}>
          <ErrorNote title={state.error.status === 404 ? 'There is no such chat.' : 'The chat cannot be shown.'} error={state.error} />
        </div>
      </>
    );
  }
  const bot = bots.find((candidate) => candidate.id === state.session?.bot_id);
  const botName = bot?.name ?? state.session?.bot_id ?? 'Bot';
  const lastReply = state.messages.findLast((message) => message.role === 'assistant');
  const isLast = lastReply !== undefined && lastReply === state.messages.at(-1);
  const facts = (
    <ErrorBoundary panel="the details">
      <ChatDetails state={state} bot={bot} />
    </ErrorBoundary>
  );
  return (
    <>
      <ChatBar title={state.session?.title || 'Chat'} before={before}>
        <Button variant="subtle" color="gray" className={classes['detailsButton']} aria-expanded={details} aria-controls={details && wide ? panel : undefined} leftSection={<IconLayoutSidebarRight size={16} aria-hidden />} onClick={() => setDetails(!details)}>
          Details
        </Button>
      </ChatBar>
      {details && wide && (
        <aside id={panel} className={classes['details']} aria-label="Details">
          {facts}
        </aside>
      )}
      {!wide && (
        <Drawer opened={details} onClose={() => setDetails(false)} position="right" size="sm" title="Chat" closeButtonProps={{ 'aria-label': 'Close' }}>
          {facts}
        </Drawer>
      )}
      <div ref={scroller} onScroll={onScroll} className={classes['scroller']} tabIndex={0} role="region" aria-label="Conversation">
        <div className={classes['column']}>
          {!state.session && <SlowSkeleton rows={4} height={60} />}
          {state.moreBefore && (
            <Button variant="subtle" size="compact-sm" onClick={() => void chat.older().catch((error: unknown) => setFailure({ verb: 'Earlier messages', error }))}>
              Earlier messages
            </Button>
          )}
          {state.messages.map((message) => (
            <Message key={message.id} message={message} botName={botName} queued={message.id === state.liveReply ? state.queued : 0} onVerb={isLast && message === lastReply ? ask : undefined} />
          ))}
          {unsent.map((item) => (
            <article key={item.id} className={classes['message']} data-role="user" data-unsent={item.status} aria-label={item.status === 'failed' ? 'Message that failed' : 'Message on its way'}>
              <Markdown text={item.text} />
              <p className={classes['ended']} data-bad={item.status === 'failed' || undefined}>
                {item.status === 'failed' ? `Not sent. ${item.error ?? ''} Your text is kept.` : connected ? 'Sending' : 'Waiting for the connection; it is sent by itself'}{' '}
                {item.status === 'failed' && (
                  <>
                    <Button size="compact-xs" variant="default" onClick={() => outbox.retry(item.id)}>
                      Retry
                    </Button>{' '}
                    <Button
                      size="compact-xs"
                      variant="subtle"
                      onClick={() => {
                        outbox.discard(item.id);
                        setDraft(draft ? `${draft}\n${item.text}` : item.text);
                        box.current?.focus();
                      }}
                    >
                      Edit
                    </Button>
                  </>
                )}
              </p>
            </article>
          ))}
          {failure && <ErrorNote title={`${failure.verb} did not work.`} error={failure.error} />}
          <VisuallyHidden aria-live="polite">{lastReply && lastReply.status !== 'streaming' && isLast ? `${botName} has answered.` : ''}</VisuallyHidden>
        </div>
      </div>
      {bot?.status === 'stopped' && <p className={classes['stopped']}>{botName} is stopped: it answers again when it is started on the page Bots.</p>}
      <Composer
        text={draft}
        onText={setDraft}
        onSend={(text) => {
          outbox.add(id, text);
          setDraft('');
        }}
        onStop={streaming ? () => ask('Stop') : undefined}
        disabled={bot?.status === 'stopped'}
        boxRef={box}
      />
    </>
  );
}

/** Keeps the end in view while it grows, unless one has scrolled up to read. */
function useFollow(content: unknown, more: number) {
  const scroller = useRef<HTMLDivElement>(null);
  const follow = useRef(true);
  useLayoutEffect(() => {
    const box = scroller.current;
    if (box && follow.current) box.scrollTop = box.scrollHeight;
  }, [content, more]);
  const onScroll = () => {
    const box = scroller.current;
    if (box) follow.current = box.scrollHeight - box.scrollTop - box.clientHeight < 60;
  };
  return { scroller, onScroll };
}
