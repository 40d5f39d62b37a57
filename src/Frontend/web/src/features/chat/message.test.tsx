import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import type { ChatMessage } from '@/shared/contracts';
import { show } from '@/shared/testing/render';
import { Composer } from './composer';
import { Message } from './message';

const reply: ChatMessage = { id: 'r', seq: 3, role: 'assistant', text: 'Half an ans', by: { kind: 'bot', name: 'BOT-001' }, at: '2026-11-20T10:00:00Z', status: 'complete', outcome: { model: 'sim', simulated: true } };

it('marks what a machine wrote, and that it is simulated', () => {
  show(<Message message={reply} botName="Scout" queued={0} />);
  const article = screen.getByRole('article', { name: 'Reply of Scout' });
  for (const words of ['bot', 'sim', 'simulated']) expect(article.textContent).toContain(words);
});

it('offers to continue a reply that was cut off', async () => {
  const verb = vi.fn();
  show(<Message message={{ ...reply, status: 'interrupted' }} botName="Scout" queued={0} onVerb={verb} />);
  await userEvent.click(screen.getByRole('button', { name: 'Continue' }));
  expect(verb).toHaveBeenCalledWith('Continue');
});

it('says that the model is down, that nothing is lost, and offers to send again', async () => {
  const verb = vi.fn();
  show(<Message message={{ ...reply, text: '', status: 'failed', outcome: { model: '', simulated: false, error: 'Ollama temporarily unavailable', error_code: 'model.unavailable' } }} botName="Scout" queued={0} onVerb={verb} />);
  expect(screen.getByRole('alert').textContent).toBe('Ollama temporarily unavailable. Your message is kept.');
  await userEvent.click(screen.getByRole('button', { name: 'Send again' }));
  expect(verb).toHaveBeenCalledWith('Regenerate');
});

it('has Stop where Send was while a reply comes, and does not send then', async () => {
  const send = vi.fn();
  const stop = vi.fn();
  const view = show(<Composer text="Hi" onText={() => undefined} onSend={send} boxRef={null} />);
  await userEvent.type(screen.getByRole('textbox', { name: 'Message' }), '{Enter}');
  expect(send).toHaveBeenCalledExactlyOnceWith('Hi');
  view.unmount();
  show(<Composer text="Hi" onText={() => undefined} onSend={send} onStop={stop} boxRef={null} />);
  expect(screen.queryByRole('button', { name: 'Send' })).toBeNull();
  await userEvent.type(screen.getByRole('textbox', { name: 'Message' }), '{Enter}');
  expect(send).toHaveBeenCalledTimes(1);
  await userEvent.click(screen.getByRole('button', { name: 'Stop' }));
  expect(stop).toHaveBeenCalled();
});
