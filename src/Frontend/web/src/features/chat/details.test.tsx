import { screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import type { BotView, ChatMessage, ModelEndpoint } from '@/shared/contracts';
import { answer, json, problem, show } from '@/shared/testing/render';
import { emptyChat, type ChatState } from './chat-state';
import { ChatDetails } from './details';
import { contextWords, modelNow, speedWords } from './details-words';

const message: ChatMessage = { id: 'm', seq: 2, role: 'user', text: 'Hello', by: { kind: 'person', name: 'Ana' }, at: '2026-11-20T10:00:00Z', status: 'complete' };
const reply: ChatMessage = { ...message, id: 'r', seq: 3, role: 'assistant', text: 'Good day', outcome: { model: 'llama3.2:3b', simulated: false, prompt_tokens: 1_204, reply_tokens: 90, first_token_ms: 320, duration_ms: 3_320, finish_reason: 'stop' } };
const state: ChatState = { ...emptyChat, session: { id: '0198c2f0', version: 4, bot_id: 'BOT-001', title: 'Chat', created_at: '2026-11-20T10:00:00Z', updated_at: '2026-11-20T10:00:00Z', message_count: 2 }, messages: [message, reply] };
const bot: BotView = { id: 'BOT-001', name: 'Ada', persona: 'You are calm.', model: '', status: 'running', created_at: '2026-11-20T10:00:00Z', updated_at: '2026-11-20T10:00:00Z' };
const endpoint: ModelEndpoint = { url: 'http://gpu', healthy: true, circuit: 'closed', active: 1, queued: 0, models: [{ name: 'llama3.2:3b', family: 'llama', size: '3.2B', simulated: false }] };

it('shows who answers, what the model was given, and how the last reply went', async () => {
  answer(() => json({ endpoints: [endpoint] }));
  show(<ChatDetails state={state} bot={bot} />);
  expect(await screen.findByText('llama3.2:3b, 3.2B · 1 at work')).toBeTruthy();
  for (const text of ['Ada', 'You are calm.', 'the first offered', '2 messages, 13 characters; the last prompt was 1,204 tokens', '90 tokens · first after 320 ms · 3.3 s in all · 30 tokens/s', '/chat/0198c2f0']) expect(screen.getByText(text)).toBeTruthy();
});

it('says when the model cannot be asked about, and shows the rest', async () => {
  answer(() => problem(503, 'models.unavailable', 'Nobody answers.'));
  show(<ChatDetails state={{ ...emptyChat, session: state.session }} bot={undefined} />);
  expect((await screen.findByRole('alert')).textContent).toContain('Nobody answers.');
  expect(screen.getByText('BOT-001')).toBeTruthy();
  expect(screen.getByText('0 messages, 0 characters')).toBeTruthy();
});

it('counts only what is known', () => {
  expect(contextWords([message], true, undefined)).toBe('more than 1 message, 5 characters');
  expect(speedWords({ model: '', simulated: true })).toBe('');
  expect(speedWords({ model: 'm', simulated: false, reply_tokens: 5, first_token_ms: 10, duration_ms: 40, finish_reason: 'length' })).toBe('5 tokens · first after 10 ms · 40 ms in all · ended at its longest length');
});

it('knows whether the wanted model would answer now', () => {
  expect(modelNow({ endpoints: [] }, '')).toEqual({ answers: false, words: 'no endpoint is set up' });
  expect(modelNow({ endpoints: [{ ...endpoint, healthy: false }] }, '')).toEqual({ answers: false, words: 'no endpoint answers now' });
  expect(modelNow({ endpoints: [endpoint] }, 'mistral')).toEqual({ answers: false, words: 'no endpoint offers it now' });
  expect(modelNow({ endpoints: [{ ...endpoint, queued: 2 }] }, 'llama3.2:3b').words).toBe('3.2B · 1 at work, 2 waiting');
});
