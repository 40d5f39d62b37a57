import { Button, Drawer, NavLink, Text, Title } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconMenu2, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { get } from '@/shared/api';
import type { BotView, SessionView } from '@/shared/contracts';
import { useVerbs } from '@/shared/keys/keys';
import { ErrorBoundary } from '@/shared/ui/error-boundary';
import { ErrorNote } from '@/shared/ui/error-note';
import { SlowSkeleton } from '@/shared/ui/slow-skeleton';
import { Ago } from '@/shared/ui/time';
import { usePageTitle } from '@/shared/ui/page-title';
import { ConversationView } from './conversation-view';
import { NewChat } from './new-chat';
import classes from './chat.module.css';

export function ChatPage() {
  const { id } = useParams();
  const navigate = useNavigate();
  const narrow = useMediaQuery('(max-width: 900px)', false, { getInitialValueInEffect: false });
  const [drawer, setDrawer] = useState(false);
  const bots = useQuery({ queryKey: ['bots'], queryFn: ({ signal }) => get<readonly BotView[]>('/api/bots', signal) });
  usePageTitle('Chat');
  useVerbs('Chat', [{ name: 'New chat', key: 'c', run: () => void navigate('/chat') }]);
  const list = <SessionList current={id} bots={bots.data ?? []} onChosen={() => setDrawer(false)} />;
  const chats = narrow && (
    <Button variant="subtle" color="gray" leftSection={<IconMenu2 size={16} aria-hidden />} onClick={() => setDrawer(true)}>
      Chats
    </Button>
  );
  return (
    <main className={classes['page']} data-narrow={narrow}>
      {narrow ? (
        <Drawer opened={drawer} onClose={() => setDrawer(false)} title="Chats" closeButtonProps={{ 'aria-label': 'Close' }}>
          {list}
        </Drawer>
      ) : (
        <aside className={classes['sessions']} aria-label="Chats">
          {list}
        </aside>
      )}
      <div className={classes['middle']}>
        <ErrorBoundary panel="the conversation">{id === undefined ? <NewChat bots={bots} before={chats} /> : <ConversationView key={id} id={id} bots={bots.data ?? []} before={chats} />}</ErrorBoundary>
      </div>
    </main>
  );
}

interface SessionListProps {
  readonly current: string | undefined;
  readonly bots: readonly BotView[];
  readonly onChosen: () => void;
}

function SessionList({ current, bots, onChosen }: SessionListProps) {
  const sessions = useQuery({ queryKey: ['sessions'], queryFn: ({ signal }) => get<readonly SessionView[]>('/api/sessions?limit=100', signal) });
  return (
    <nav aria-label="Chats">
      <Button component={Link} to="/chat" variant="default" fullWidth leftSection={<IconPlus size={16} aria-hidden />} mb={8} onClick={onChosen}>
        New chat
      </Button>
      {sessions.isPending && <SlowSkeleton />}
      {sessions.isError && <ErrorNote title="The chats cannot be read." error={sessions.error} onRetry={() => void sessions.refetch()} />}
      {sessions.data?.length === 0 && (
        <Text c="dimmed" size="sm">
          No chat yet.
        </Text>
      )}
      {sessions.data && sessions.data.length > 0 && (
        <Title order={2} size="h6" className={classes['listTitle']}>
          Recent
        </Title>
      )}
      {sessions.data?.map((session) => (
        <NavLink
          key={session.id}
          component={Link}
          to={`/chat/${session.id}`}
          active={session.id === current}
          aria-current={session.id === current ? 'page' : undefined}
          label={session.title || 'New chat'}
          description={
            <>
              {bots.find((bot) => bot.id === session.bot_id)?.name ?? session.bot_id} · <Ago at={session.updated_at} />
            </>
          }
          onClick={onChosen}
          className={classes['session']}
        />
      ))}
    </nav>
  );
}
