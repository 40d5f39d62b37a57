import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';
import { verbGroups } from '@/shared/keys/keys';
import { answer, json, problem, show } from '@/shared/testing/render';
import { Palette } from './palette';

afterEach(() => verbGroups.set([]));

const offer = (...names: string[]) => {
  const run = vi.fn<(name: string) => void>();
  verbGroups.set([{ title: 'Page', verbs: names.map((name) => ({ name, run: () => run(name) })) }]);
  return run;
};

it('is a dialog with a name, and runs what is chosen by keyboard', async () => {
  const run = offer('Drain silo-1', 'Drain silo-2', 'Go to Chat');
  answer(() => json([]));
  const scrolled = vi.spyOn(Element.prototype, 'scrollIntoView');
  const close = vi.fn<() => void>();
  show(<Palette onClose={close} />);
  const dialog = within(await screen.findByRole('dialog', { name: 'Find or do something' }));
  await userEvent.type(dialog.getByRole('combobox'), 'drain{ArrowDown}');
  expect(dialog.getAllByRole('option').map((option) => option.getAttribute('aria-selected'))).toEqual(['false', 'true']);
  expect(scrolled).toHaveBeenCalled();
  await userEvent.keyboard('{Enter}');
  expect(close).toHaveBeenCalled();
  await vi.waitFor(() => expect(run).toHaveBeenCalledExactlyOnceWith('Drain silo-2'));
});

it('says that it looks, then that nothing matches, and offers no list of nothing', async () => {
  offer('Go to Chat');
  const settle: ((response: Response) => void)[] = [];
  const asked = answer(() => new Promise<Response>((resolve) => settle.push(resolve)));
  show(<Palette onClose={() => undefined} />);
  await userEvent.type(await screen.findByRole('combobox'), 'xyzzy');
  expect(screen.getByRole('status').textContent).toBe('Looking…');
  await vi.waitFor(() => expect(asked.at(-1)?.path).toContain('q=xyzzy'));
  expect(screen.getByRole('status').textContent).toBe('Looking…');
  settle.forEach((each) => each(json([])));
  expect(await screen.findByText('Nothing matches.')).toBeTruthy();
  expect(screen.queryByRole('listbox')).toBeNull();
});

it('says when incidents cannot be searched', async () => {
  offer('Go to Chat');
  answer(() => problem(503, 'database.unavailable', 'The database does not answer now.'));
  show(<Palette onClose={() => undefined} />);
  await userEvent.type(await screen.findByRole('combobox'), 'chat');
  expect(await screen.findByText(/Incidents cannot be searched now: The database does not answer now\./)).toBeTruthy();
  expect(screen.getByRole('option', { name: /Go to Chat/ })).toBeTruthy();
});
