import { Anchor, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { get } from '@/shared/api';
import type { BotView, ModelList } from '@/shared/contracts';
import { CopyButton } from '@/shared/ui/copy-button';
import { ErrorNote } from '@/shared/ui/error-note';
import { Ago, LocalTime } from '@/shared/ui/time';
import type { ChatState } from './chat-state';
import { contextWords, modelNow, speedWords } from './details-words';
import classes from './chat.module.css';

interface DetailsProps {
  readonly state: ChatState;
  readonly bot: BotView | undefined;
}

/** Who answers with which model, what the model was given, and how its last reply went. */
export function ChatDetails({ state, bot }: DetailsProps) {
  const models = useQuery({ queryKey: ['models'], queryFn: ({ signal }) => get<ModelList>('/api/models', signal), refetchInterval: 15_000 });
  const { session, messages } = state;
  const last = messages.findLast((message) => message.outcome !== undefined)?.outcome;
  const now = models.data && modelNow(models.data, bot?.model ?? '');
  return (
    <Stack gap={12}>
      <Title order={2} size="h6">
        Details
      </Title>
      {models.isError && <ErrorNote title="How the model is cannot be read." error={models.error} onRetry={() => void models.refetch()} />}
      <Stack component="dl" gap={12} className={classes['facts']}>
        <Fact name="Bot">
          {bot ? (
            <>
              <Anchor component={Link} to="/bots" underline="always">
                {bot.name}
              </Anchor>{' '}
              <span className={classes['quiet']}>{bot.status === 'running' ? bot.id : `${bot.id}, stopped`}</span>
            </>
          ) : (
            (session?.bot_id ?? 'not known yet')
          )}
        </Fact>
        {bot !== undefined && bot.persona !== '' && (
          <Fact name="Persona">
            <Text size="sm" className={classes['persona']} tabIndex={0} role="group" aria-label="Persona">
              {bot.persona}
            </Text>
          </Fact>
        )}
        <Fact name="Model">
          {bot?.model || <span className={classes['quiet']}>the first offered</span>}
          {now && (
            <div className={classes['quiet']} data-bad={!now.answers || undefined} role="status">
              {now.words}
            </div>
          )}
        </Fact>
        <Fact name="Context">{contextWords(messages, state.moreBefore, last?.prompt_tokens)}</Fact>
        {last && (
          <Fact name="Last reply">
            {last.model || 'model not known'} {last.simulated && <span className={classes['mark']}>simulated</span>}
            <div className={classes['quiet']}>{speedWords(last)}</div>
          </Fact>
        )}
        {session && (
          <Fact name="Begun">
            <LocalTime at={session.created_at} /> <Ago at={session.created_at} className={classes['quiet']} />
          </Fact>
        )}
        {session && (
          <Fact name="Link">
            <code className={classes['id']}>/chat/{session.id}</code> <CopyButton text={`${window.location.origin}/chat/${session.id}`} label="Copy the link to this chat" />
          </Fact>
        )}
      </Stack>
    </Stack>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt className={classes['quiet']}>{name}</dt>
      <dd className={classes['fact']}>{children}</dd>
    </div>
  );
}
