import { act, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';
import type { ClusterOverview } from '@/shared/contracts';
import { answer, json, problem, show } from '@/shared/testing/render';
import { ClusterPage } from './cluster-page';
import { cluster, silo } from './samples';

afterEach(() => vi.useRealTimers());

const serve = (overview: () => ClusterOverview, commands: unknown[] = []) =>
  answer((request) => {
    if (request.method === 'POST') return json({ id: 'c1', kind: 'drain', requested_by: 'Ada', requested_at: '2026-11-20T13:04:10Z' }, 202);
    return json(request.path.startsWith('/api/cluster/commands') ? commands : overview());
  });

it('shows each silo with its figures, and the sums', async () => {
  serve(() => cluster(silo('alpha'), silo('beta', { lease_age_ms: 3_100 }, { mailbox_depth: undefined, call_p99_ms: undefined })));
  show(<ClusterPage />);
  const row = within(await screen.findByTestId('silo-alpha'));
  for (const text of ['Active', '1:04:09', '1,234', 'Incident 1,200 · BotSession 34', '813', '12 ms', '3', '300 MiB', '38 %', '700 ms']) expect(row.getByText(text)).toBeTruthy();
  expect(within(screen.getByTestId('silo-beta')).getByText('3.1 s').dataset['late']).toBe('true');
  expect(screen.getByTestId('cluster-totals').textContent).toBe('2 silos active · 2,468 grains in memory · 1,625 calls/s · 3 waiting');
});

it('says what a drain does, drains once under one key, and shows how far it is', async () => {
  let overview = cluster(silo('alpha'), silo('beta'));
  const asked = serve(() => overview);
  show(<ClusterPage />);
  await userEvent.click(await screen.findByRole('button', { name: 'Drain alpha' }));
  const dialog = within(await screen.findByRole('dialog'));
  expect(dialog.getByText(/hands its 1,234 grains over/)).toBeTruthy();
  expect(dialog.queryByRole('checkbox')).toBeNull();
  overview = cluster(silo('alpha', { status: 'draining' }, { activations: 250, activations_before_drain: 1_000 }), silo('beta'));
  await userEvent.click(dialog.getByRole('button', { name: 'Drain alpha now' }));

  expect(await screen.findByText('750 of 1,000 grains handed over')).toBeTruthy();
  expect(screen.getByRole('progressbar', { name: 'Drain of alpha' }).getAttribute('aria-valuenow')).toBe('75');
  expect(screen.getByRole('button', { name: 'Drain alpha' })).toHaveProperty('disabled', true);
  const posts = asked.filter((request) => request.method === 'POST');
  expect(posts.map((post) => post.path)).toEqual([`/api/cluster/silos/${encodeURIComponent(silo('alpha').id)}/drain`]);
  expect(posts[0]!.headers.get('Idempotency-Key')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
});

it('tells two silos of one name apart, and asks for no drain twice', async () => {
  const asked = { id: 'c1', kind: 'drain', requested_by: 'Ada', requested_at: '2026-11-20T13:04:10Z' } as const;
  serve(() => cluster(silo('alpha', { stale: true }), silo('alpha', { id: '127.0.0.1:9@8', address: '127.0.0.1:9' }, { activations: 1 }), silo('beta', { drain: asked })));
  show(<ClusterPage />);
  expect(await screen.findByText('drain asked for by Ada')).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Drain beta' })).toHaveProperty('disabled', true);
  expect(screen.getByRole('button', { name: `Drain alpha at ${silo('alpha').address}` })).toHaveProperty('disabled', false);
  await userEvent.click(screen.getByRole('button', { name: 'Drain alpha at 127.0.0.1:9' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Drain alpha at 127.0.0.1:9?' }));
  expect(dialog.getByText(/hands its 1 grain over/)).toBeTruthy();
});

it('drains the last silo only when that is said', async () => {
  const asked = serve(() => cluster(silo('alpha', {}, { with_frontend: true }), silo('beta', { stale: true })));
  show(<ClusterPage />);
  await userEvent.click(await screen.findByRole('button', { name: 'Drain alpha' }));
  const dialog = within(await screen.findByRole('dialog'));
  expect(dialog.getByText(/A front end is in the same process/)).toBeTruthy();
  const go = dialog.getByRole('button', { name: 'Drain alpha now' });
  expect(go).toHaveProperty('disabled', true);
  await userEvent.click(dialog.getByRole('checkbox', { name: 'Drain it all the same' }));
  await userEvent.click(go);
  expect(asked.filter((request) => request.method === 'POST').map((request) => request.path)).toEqual([expect.stringMatching(/\/drain\?force=true$/)]);
});

it('keeps the dialog open with the reason when a drain is refused', async () => {
  answer((request) => (request.method === 'POST' ? problem(409, 'cluster.silo_gone', 'Silo alpha has ended already.') : json(request.path.includes('commands') ? [] : cluster(silo('alpha'), silo('beta')))));
  show(<ClusterPage />);
  await userEvent.click(await screen.findByRole('button', { name: 'Drain alpha' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Drain alpha now' }));
  expect((await within(screen.getByRole('dialog')).findByRole('alert')).textContent).toContain('Silo alpha has ended already.');
});

it('marks silent silos, and lists those that ended apart', async () => {
  serve(() => cluster(silo('alpha', { stale: true, report_age_ms: 7_300 }), silo('gone', { status: 'dead', ended_at: '2026-11-20T13:00:00Z' })), [
    { id: 'c1', kind: 'drain', silo_id: silo('gone').id, requested_by: 'Ada', requested_at: '2026-11-20T12:59:00Z', started_at: '2026-11-20T12:59:01Z' },
    { id: 'c2', kind: 'deactivate', grain_id: 'incident/7', requested_by: 'Bo', requested_at: '2026-11-20T12:00:00Z', finished_at: '2026-11-20T12:00:00Z', outcome: 'not_active' },
  ]);
  show(<ClusterPage />);
  expect(within(await screen.findByTestId('silo-alpha')).getByText('last report 7.3 s ago')).toBeTruthy();
  expect(within(screen.getByTestId('silo-alpha')).getByText('Silent')).toBeTruthy();
  expect(screen.queryByTestId('silo-gone')).toBeNull();
  expect(within(screen.getByTestId('ended-gone')).getByText('Dead')).toBeTruthy();
  expect(await screen.findByText('the silo died before it was done')).toBeTruthy();
  expect(screen.getByText('was not in memory')).toBeTruthy();
});

it('says plainly that no silo runs', async () => {
  serve(() => cluster(silo('gone', { status: 'stopped', ended_at: '2026-11-20T13:00:00Z' })));
  show(<ClusterPage />);
  expect(await screen.findByRole('heading', { name: 'No silo is running.' })).toBeTruthy();
});

it('keeps what it knew when the cluster can no longer be read, and says how old it is', async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  let fails = false;
  answer((request) => (request.path.includes('commands') ? json([]) : fails ? problem(503, 'database.unavailable', 'The database does not answer now.') : json(cluster(silo('alpha'), silo('beta')))));
  show(<ClusterPage />);
  await screen.findByTestId('silo-alpha');
  fails = true;
  await act(() => vi.advanceTimersByTimeAsync(1_200));
  const alert = await screen.findByRole('alert');
  expect(alert.textContent).toContain('The database does not answer now.');
  expect(alert.textContent).toMatch(/What is below was read .* ago/);
  expect(screen.getByTestId('silo-alpha')).toBeTruthy();
});

it('asks again each second, and not while the page is hidden', async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  const asked = serve(() => cluster(silo('alpha'), silo('beta')));
  show(<ClusterPage />);
  await screen.findByTestId('silo-alpha');
  const count = () => asked.filter((request) => request.path === '/api/cluster').length;
  await act(() => vi.advanceTimersByTimeAsync(3_000));
  expect(count()).toBeGreaterThanOrEqual(3);
  const visibility = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
  document.dispatchEvent(new Event('visibilitychange'));
  await act(() => vi.advanceTimersByTimeAsync(1_500));
  const hidden = count();
  await act(() => vi.advanceTimersByTimeAsync(5_000));
  expect(count()).toBe(hidden);
  visibility.mockReturnValue('visible');
  document.dispatchEvent(new Event('visibilitychange'));
  await act(() => vi.advanceTimersByTimeAsync(1_500));
  expect(count()).toBeGreaterThan(hidden);
  visibility.mockRestore();
});
