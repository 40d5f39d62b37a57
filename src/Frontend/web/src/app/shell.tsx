import { ActionIcon, Button, Kbd, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { IconAlertTriangle, IconKeyboard, IconMessages, IconMoon, IconRefresh, IconRobot, IconSearch, IconServer2, IconSettings, IconTopologyRing, IconSun, IconUser } from '@tabler/icons-react';
import { lazy, Suspense, useEffect, useState } from 'react';
import { Link, NavLink, Navigate, Route, Routes, useLocation, useNavigate } from 'react-router';
import { IncidentsPage } from '@/features/incidents/incidents-page';
import { actor } from '@/shared/identity';
import { handleKey, useVerbs } from '@/shared/keys/keys';
import { ErrorBoundary } from '@/shared/ui/error-boundary';
import { SlowSkeleton } from '@/shared/ui/slow-skeleton';
import { useStore } from '@/shared/use-store';
import { ConnectionStateView } from './connection-state-view';
import { KeysDialog } from './keys-dialog';
import { LastSeenNote } from './last-seen-note';
import { newVersion } from './new-version';
import { NotFoundPage } from './not-found-page';
import { Palette } from './palette';
import classes from './shell.module.css';

const WarRoomPage = lazy(() => import('@/features/warroom/war-room-page').then((module) => ({ default: module.WarRoomPage })));
const ChatPage = lazy(() => import('@/features/chat/chat-page').then((module) => ({ default: module.ChatPage })));
const BotsPage = lazy(() => import('@/features/bots/bots-page').then((module) => ({ default: module.BotsPage })));
const ServicesPage = lazy(() => import('@/features/services/services-page').then((module) => ({ default: module.ServicesPage })));
const ClusterPage = lazy(() => import('@/features/cluster/cluster-page').then((module) => ({ default: module.ClusterPage })));
const SettingsPage = lazy(() => import('@/features/settings/settings-page').then((module) => ({ default: module.SettingsPage })));

const places = [
  { to: '/', label: 'Incidents', icon: IconAlertTriangle, also: '/incidents' },
  { to: '/chat', label: 'Chat', icon: IconMessages, also: '/chat' },
  { to: '/services', label: 'Services', icon: IconServer2, also: '/services' },
  { to: '/bots', label: 'Bots', icon: IconRobot, also: '/bots' },
  { to: '/cluster', label: 'Cluster', icon: IconTopologyRing, also: '/cluster' },
  { to: '/settings', label: 'Settings', icon: IconSettings, also: '/settings' },
] as const;

export function Shell() {
  const [palette, setPalette] = useState(false);
  const [keys, setKeys] = useState(false);
  const name = useStore(actor);
  const { pathname } = useLocation();
  const navigate = useNavigate();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        setPalette(true);
      } else handleKey(event);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
  useVerbs('Everywhere', [
    { name: 'Show the keys', key: '?', run: () => setKeys(true) },
    ...places.map((place) => ({ name: `Go to ${place.label}`, run: () => void navigate(place.to) })),
    { name: 'Report an incident', run: () => void navigate('/?report=1') },
  ]);
  return (
    <div className={classes['shell']}>
      <a href="#content" className={classes['skip']}>
        Skip to the content
      </a>
      <header className={classes['top']}>
        <Button variant="default" className={classes['command']} leftSection={<IconSearch size={16} aria-hidden />} rightSection={<Kbd size="xs">Ctrl K</Kbd>} justify="space-between" onClick={() => setPalette(true)} aria-keyshortcuts="Control+K" aria-haspopup="dialog">
          Find or do
        </Button>
        <div className={classes['state']}>
          <NewVersion />
          <ConnectionStateView />
          <SchemeSwitch />
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Show the keys" onClick={() => setKeys(true)} className={classes['keys']}>
            <IconKeyboard size={18} aria-hidden />
          </ActionIcon>
          <Button component={Link} to="/settings" variant="subtle" color="gray" leftSection={<IconUser size={16} aria-hidden />} className={classes['me']} aria-label={`You are ${name || 'responder'}`}>
            <span>{name || 'responder'}</span>
          </Button>
        </div>
      </header>
      <nav className={classes['rail']} aria-label="Main">
        {places.map(({ to, label, icon: Shape, also }) => {
          const here = to === '/' ? pathname === '/' || pathname.startsWith(also) : pathname.startsWith(also);
          return (
            <NavLink key={to} to={to} className={classes['place']} data-here={here || undefined} aria-current={here ? 'page' : undefined}>
              <Shape size={20} aria-hidden />
              {label}
            </NavLink>
          );
        })}
      </nav>
      <LastSeenNote />
      <div id="content" className={classes['content']} tabIndex={-1}>
        <ErrorBoundary key={pathname} panel="this page">
          <Suspense fallback={<div className={classes['wait']}><SlowSkeleton /></div>}>
            <Routes>
              <Route path="/" element={<IncidentsPage />} />
              <Route path="/incidents" element={<Navigate to="/" replace />} />
              <Route path="/incidents/:id" element={<WarRoomPage />} />
              <Route path="/chat" element={<ChatPage />} />
              <Route path="/chat/:id" element={<ChatPage />} />
              <Route path="/bots" element={<BotsPage />} />
              <Route path="/cluster" element={<ClusterPage />} />
              <Route path="/services" element={<ServicesPage />} />
              <Route path="/services/:name" element={<ServicesPage />} />
              <Route path="/settings" element={<SettingsPage />} />
              <Route path="*" element={<NotFoundPage />} />
            </Routes>
          </Suspense>
        </ErrorBoundary>
      </div>
      {palette && <Palette onClose={() => setPalette(false)} />}
      {keys && <KeysDialog onClose={() => setKeys(false)} />}
    </div>
  );
}

/** Offers the page that the server has now; what is written and not sent outlives the reload. */
function NewVersion() {
  const isThere = useStore(newVersion);
  if (!isThere) return null;
  return (
    <Button variant="light" size="compact-md" leftSection={<IconRefresh size={16} aria-hidden />} onClick={() => window.location.reload()}>
      New version: reload
    </Button>
  );
}

function SchemeSwitch() {
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme('light') === 'dark';
  return (
    <ActionIcon variant="subtle" color="gray" size="lg" aria-label={dark ? 'Light colours' : 'Dark colours'} onClick={() => setColorScheme(dark ? 'light' : 'dark')}>
      {dark ? <IconSun size={18} aria-hidden /> : <IconMoon size={18} aria-hidden />}
    </ActionIcon>
  );
}
