import { Anchor, Select, Stack, Text } from '@mantine/core';
import { useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import { useRef, useState, type ReactNode } from 'react';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { call } from '@/shared/api';
import type { BotView, SessionAck, SessionView } from '@/shared/contracts';
import { useDraft } from '@/shared/outbox/draft';
import { messages } from '@/shared/outbox/outboxes';
import { ErrorNote } from '@/shared/ui/error-note';
import { SlowSkeleton } from '@/shared/ui/slow-skeleton';
import { useCommand } from '@/shared/use-command';
import { ChatBar } from './chat-bar';
import { Composer } from './composer';
import classes from './chat.module.css';

const start = async (botId: string, idempotencyKey: string): Promise<string> => {
  const { value } = await call<SessionView | SessionAck>('/api/sessions', { method: 'POST', body: { bot_id: botId }, idempotencyKey });
  return 'session' in value ? value.session.id : value.id;
};

/** A chat begins with its first message. */
export function NewChat({ bots, before }: { readonly bots: UseQueryResult<readonly BotView[]>; readonly before: ReactNode }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const [search] = useSearchParams();
  const [draft, setDraft] = useDraft('chat.new');
  const [chosen, setChosen] = useState<string | null>(search.get('bot'));
  const box = useRef<HTMLTextAreaElement>(null);
  const { run, pending, error } = useCommand(start);
  const running = (bots.data ?? []).filter((bot) => bot.status === 'running');
  const bot = running.find((candidate) => candidate.id === chosen) ?? running[0];
  const send = async (text: string) => {
    if (!bot) return;
    const id = await run(bot.id);
    if (id === undefined) return;
    messages.add(id, text);
    setDraft('');
    void client.invalidateQueries({ queryKey: ['sessions'] });
    void navigate(`/chat/${id}`);
  };
  return (
    <>
      <ChatBar title="New chat" before={before} />
      <div className={classes['welcome']}>
        <Stack gap={12} w="100%">
          {bots.isPending && <SlowSkeleton rows={1} />}
          {bots.isError && <ErrorNote title="The bots cannot be read." error={bots.error} onRetry={() => void bots.refetch()} />}
          {bots.isSuccess && !bot && (
            <Text>
              No bot is running. <Anchor component={Link} to="/bots" underline="always">Launch one</Anchor>, then write to it here.
            </Text>
          )}
          {bot && <Select label="Bot" data={running.map((candidate) => ({ value: candidate.id, label: `${candidate.name} (${candidate.id}${candidate.model ? `, ${candidate.model}` : ''})` }))} value={bot.id} onChange={setChosen} allowDeselect={false} maw={400} />}
          {error !== null && <ErrorNote title="The chat did not begin." error={error} kept="Your message is still in the box." />}
        </Stack>
      </div>
      <Composer text={draft} onText={setDraft} onSend={(text) => void send(text)} disabled={!bot || pending} boxRef={box} />
    </>
  );
}
