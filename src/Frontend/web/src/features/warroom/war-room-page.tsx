import { ActionIcon, Alert, Button, Drawer, Tabs, Title, VisuallyHidden } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconLayoutSidebarRight } from '@tabler/icons-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useLocation, useParams } from 'react-router';
import { warroomLink } from '@/shared/connection/links';
import type { IncidentView } from '@/shared/contracts';
import { actorName } from '@/shared/identity';
import { useVerbs } from '@/shared/keys/keys';
import { useDraft } from '@/shared/outbox/draft';
import type { OutboxItem } from '@/shared/outbox/outbox';
import { posts } from '@/shared/outbox/outboxes';
import { ErrorBoundary } from '@/shared/ui/error-boundary';
import { ErrorNote } from '@/shared/ui/error-note';
import { SlowSkeleton } from '@/shared/ui/slow-skeleton';
import { usePageTitle } from '@/shared/ui/page-title';
import { useStore } from '@/shared/use-store';
import { Announcer } from './announcer';
import { AlertsPanel } from './alerts-panel';
import { Facts } from './facts';
import { PostBox } from './post-box';
import type { Room, RoomState } from './room';
import { roomOf } from './rooms';
import { RoomHeader } from './room-header';
import { Timeline } from './timeline';
import classes from './war-room-page.module.css';

export function WarRoomPage() {
  const { id = '' } = useParams();
  // A page of its own for each incident: nothing of one is left in another.
  return <WarRoom key={id} room={roomOf(id)} />;
}

function WarRoom({ room }: { readonly room: Room }) {
  const state = useStore(room.state);
  useEffect(() => room.enter(), [room]);
  usePageTitle(state.incident?.title ?? 'Incident');
  if (state.error && !state.incident) {
    return (
      <main className={classes['message']}>
        <HiddenTitle />
        <ErrorNote title={state.error.status === 404 ? 'There is no such incident.' : 'The incident cannot be shown.'} error={state.error} onRetry={room.retry} />
      </main>
    );
  }
  if (!state.incident) {
    return (
      <main className={classes['message']}>
        <HiddenTitle />
        <SlowSkeleton />
      </main>
    );
  }
  return <OpenRoom room={room} state={state} incident={state.incident} />;
}

/** What the page is about as long as there is no incident's title to say it. */
const HiddenTitle = () => (
  <VisuallyHidden>
    <Title order={1}>Incident</Title>
  </VisuallyHidden>
);

interface OpenRoomProps {
  readonly room: Room;
  readonly state: RoomState;
  readonly incident: IncidentView;
}

function OpenRoom({ room, state, incident }: OpenRoomProps) {
  const wide = useMediaQuery('(min-width: 1200px)', true, { getInitialValueInEffect: false });
  const narrow = useMediaQuery('(max-width: 700px)', false, { getInitialValueInEffect: false });
  const [drawer, setDrawer] = useState(false);
  const facts = (
    <ErrorBoundary panel="the facts">
      <Facts incident={incident} onChanged={room.accept} />
    </ErrorBoundary>
  );
  const alerts = (
    <ErrorBoundary panel="the alerts">
      <AlertsPanel alerts={incident.alerts} />
    </ErrorBoundary>
  );
  const middle = (
    <ErrorBoundary panel="the timeline">
      <Middle room={room} state={state} />
    </ErrorBoundary>
  );
  const header = (
    <RoomHeader incident={incident} onChanged={room.accept}>
      {!wide && !narrow && (
        <ActionIcon variant="default" size="lg" aria-label={`Alerts (${incident.alerts.length})`} onClick={() => setDrawer(true)}>
          <IconLayoutSidebarRight size={18} aria-hidden />
        </ActionIcon>
      )}
    </RoomHeader>
  );
  if (narrow) {
    return (
      <main className={classes['narrow']} data-broken={state.brokenAt ?? undefined}>
        {header}
        <Tabs defaultValue="timeline" classNames={{ root: classes['tabs'] ?? '', panel: classes['tab'] ?? '' }} keepMounted={false}>
          <Tabs.List grow>
            <Tabs.Tab value="timeline">Timeline</Tabs.Tab>
            <Tabs.Tab value="facts">Facts</Tabs.Tab>
            <Tabs.Tab value="alerts">Alerts ({incident.alerts.length})</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="timeline">{middle}</Tabs.Panel>
          <Tabs.Panel value="facts">
            <div className={classes['side']}>{facts}</div>
          </Tabs.Panel>
          <Tabs.Panel value="alerts">
            <div className={classes['side']}>{alerts}</div>
          </Tabs.Panel>
        </Tabs>
      </main>
    );
  }
  return (
    <main className={classes['page']} data-wide={wide}>
      <aside className={classes['side']} aria-label="Facts">
        {facts}
      </aside>
      <div className={classes['middle']}>
        {header}
        {middle}
      </div>
      {wide ? (
        <aside className={classes['side']} aria-label="Alerts">
          {alerts}
        </aside>
      ) : (
        <Drawer opened={drawer} onClose={() => setDrawer(false)} position="right" title="Alerts" closeButtonProps={{ 'aria-label': 'Close' }}>
          {alerts}
        </Drawer>
      )}
    </main>
  );
}

function Middle({ room, state }: { readonly room: Room; readonly state: RoomState }) {
  const connected = useStore(warroomLink.state).kind === 'live';
  const all = useStore(posts.items);
  const pending = all.filter((item) => item.target === room.id);
  const [draft, setDraft] = useDraft(`incident.${room.id}`);
  const box = useRef<HTMLTextAreaElement>(null);
  const { hash } = useLocation();
  const chosen = Number(/^#e(\d+)$/.exec(hash)?.[1] ?? 0) || null;
  useVerbs('War-room', [{ name: 'Write to the timeline', key: 'p', run: () => box.current?.focus() }]);
  const post = useCallback((text: string) => void posts.add(room.id, text), [room]);
  const retry = useCallback((id: string) => posts.retry(id), []);
  const edit = useCallback(
    (item: OutboxItem) => {
      posts.discard(item.id);
      setDraft(draft ? `${draft}\n${item.text}` : item.text);
      box.current?.focus();
    },
    [draft, setDraft],
  );
  return (
    <>
      <Integrity state={state} />
      <Timeline log={state.log} pending={pending} author={actorName()} connected={connected} chosen={chosen} onNeed={room.need} onRetry={retry} onEdit={edit} />
      <Announcer log={state.log} mine={actorName()} />
      <PostBox text={draft} onText={setDraft} onPost={post} boxRef={box} />
    </>
  );
}

function Integrity({ state }: { readonly state: RoomState }) {
  const at = state.log.fork ?? state.brokenAt;
  if (at === null) return null;
  return (
    <Alert color="red" variant="filled" role="alert" title={`This timeline does not agree with itself from event ${at} on.`} className={classes['integrity']}>
      What is shown may not be what was recorded. Compare with a colleague&apos;s page and tell the operator of this Warroom; <Button component="a" href={`#e${at}`} size="compact-xs" variant="white" color="red">show event {at}</Button>
    </Alert>
  );
}
