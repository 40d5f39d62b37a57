import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Route, Routes } from 'react-router';
import { expect, it, vi } from 'vitest';
import { answer, json, problem, show } from '@/shared/testing/render';
import { ReportDialog } from './report-dialog';

const page = (
  <Routes>
    <Route path="/" element={<ReportDialog onClose={() => undefined} />} />
    <Route path="/incidents/:id" element={<h1>The war-room</h1>} />
  </Routes>
);

it('reports an incident once and goes to its war-room', async () => {
  const asked = answer((request) => (request.method === 'POST' ? json({ id: 'i1' }, 201) : json([])));
  show(page);
  await userEvent.type(screen.getByRole('textbox', { name: /Title/ }), 'Checkout is down');
  await userEvent.click(screen.getByRole('button', { name: 'Report incident' }));
  expect(await screen.findByRole('heading', { name: 'The war-room' })).toBeTruthy();
  const posts = asked.filter((request) => request.method === 'POST');
  expect(posts).toHaveLength(1);
  expect(posts[0]!.body).toEqual({ title: 'Checkout is down', severity: 'medium' });
  expect(posts[0]!.headers.get('Idempotency-Key')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
});

it('asks for a title before it asks the server', async () => {
  const asked = answer(() => json([]));
  show(page);
  await userEvent.click(screen.getByRole('button', { name: 'Report incident' }));
  expect(screen.getByText('Say in a few words what is wrong.')).toBeTruthy();
  expect(asked.filter((request) => request.method === 'POST')).toHaveLength(0);
});

it('shows a refusal at the field that it is about', async () => {
  answer((request) => (request.method === 'POST' ? problem(400, 'incident.title_required', 'Title is required') : json([])));
  show(page);
  await userEvent.type(screen.getByRole('textbox', { name: /Title/ }), 'x');
  await userEvent.click(screen.getByRole('button', { name: 'Report incident' }));
  expect(await screen.findByText('Title is required')).toBeTruthy();
  expect(screen.queryByRole('alert')).toBeNull();
});

it('resends under one id when the server does not answer, and keeps what was written', async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true, advanceTimeDelta: 200 });
  const user = userEvent.setup({ advanceTimers: (ms) => vi.advanceTimersByTime(ms) });
  const asked = answer((request) => (request.method === 'POST' ? problem(503, 'database.unavailable', 'The database does not answer now.') : json([])));
  show(page);
  await user.type(screen.getByRole('textbox', { name: /Title/ }), 'Disk full');
  await user.click(screen.getByRole('button', { name: 'Report incident' }));
  expect((await screen.findByRole('alert', {}, { timeout: 10_000 })).textContent).toContain('The database does not answer now.');
  expect(screen.getByText('4bf92f3577b34da6a3ce929d0e0e4736')).toBeTruthy();
  expect(screen.getByRole('textbox', { name: /Title/ })).toHaveProperty('value', 'Disk full');
  const keys = asked.filter((request) => request.method === 'POST').map((request) => request.headers.get('Idempotency-Key'));
  expect(keys.length).toBeGreaterThan(1);
  expect(new Set(keys).size).toBe(1);
  vi.useRealTimers();
});
