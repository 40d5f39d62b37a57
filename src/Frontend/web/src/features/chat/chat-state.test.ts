import { describe, expect, it } from 'vitest';
import type { LoggedEvent, SessionView } from '@/shared/contracts';
import { applyUpdate, applyWatched, emptyChat, type ChatState } from './chat-state';

const session: SessionView = { id: 's', version: 1, bot_id: 'BOT-001', title: 'Chat', created_at: '2026-11-20T10:00:00Z', updated_at: '2026-11-20T10:00:00Z', message_count: 0 };
const common = { at: '2026-11-20T10:00:00Z', by: { kind: 'person', name: 'Ana' }, operation_id: 'o' } as const;
const log = (seq: number, event: Record<string, unknown>): LoggedEvent => ({ seq, hash: '', body: JSON.stringify({ ...common, ...event }) });
const sent = (seq: number) => log(seq, { kind: 'message_sent', message_id: `m${seq}`, text: 'Hello' });
const started = (seq: number, more = {}) => log(seq, { kind: 'reply_started', reply_id: `r${seq}`, message_id: 'm2', model: '', ...more });
const ended = (seq: number, reply: string, text: string, status = 'complete') => log(seq, { kind: 'reply_ended', reply_id: reply, status, text, model: 'sim', simulated: true });
const update = (state: ChatState, events: LoggedEvent[], reply?: string, first = 0, tokens: string[] = []) => applyUpdate(state, { session_id: 's', events, ...(reply && { tokens: { reply_id: reply, first_token: first, tokens } }) });
const begin = () => applyWatched(emptyChat, { session, messages: [], events: [], more_before: false });
const lastText = (state: ChatState) => state.messages.at(-1)?.text;

describe('a conversation', () => {
  it('grows token by token and ends as the server ends it', () => {
    let state = update(begin(), [sent(2), started(3)]);
    expect(state.liveReply).toBe('r3');
    state = update(state, [], 'r3', 0, ['One ']);
    state = update(state, [], 'r3', 1, ['two ', 'three']);
    expect(lastText(state)).toBe('One two three');
    state = update(state, [ended(4, 'r3', 'One two three.')]);
    expect(state.messages.at(-1)).toMatchObject({ status: 'complete', text: 'One two three.', outcome: { simulated: true } });
    expect(state.liveReply).toBeNull();
  });

  it('takes repeated and overlapping tokens once', () => {
    let state = update(begin(), [sent(2), started(3)], 'r3', 0, ['a', 'b']);
    state = update(state, [], 'r3', 0, ['a', 'b']);
    state = update(state, [], 'r3', 1, ['b', 'c']);
    expect(lastText(state)).toBe('abc');
    expect(state.nextToken).toBe(3);
  });

  it('asks when tokens or events are missing, and adds nothing out of order', () => {
    const state = update(begin(), [sent(2), started(3)], 'r3', 0, ['a']);
    const lacking = update(state, [], 'r3', 5, ['z']);
    expect(lacking.gap).toBe(true);
    expect(lastText(lacking)).toBe('a');
    expect(update(state, [sent(9)]).gap).toBe(true);
    expect(update(begin(), [], 'unknown', 0, ['x']).gap).toBe(true);
  });

  it('joins a reply half-way and goes on from there', () => {
    const live = { reply_id: 'r3', message_id: 'm2', text: 'One two ', next_token: 2, started_at: common.at, model: '', queued: 0 };
    let state = update(begin(), [sent(2)]);
    state = applyWatched(state, { session: { ...session, version: 3, live }, events: [started(3)], more_before: false });
    expect(lastText(state)).toBe('One two ');
    state = update(state, [], 'r3', 1, ['two ', 'three']);
    expect(lastText(state)).toBe('One two three');
  });

  it('never loses tokens to an answer that is older than they', () => {
    const live = { reply_id: 'r3', message_id: 'm2', text: 'a', next_token: 1, started_at: common.at, model: '', queued: 0 };
    const state = update(begin(), [sent(2), started(3)], 'r3', 0, ['a', 'b', 'c']);
    expect(lastText(applyWatched(state, { session: { ...session, version: 3, live }, events: [], more_before: false }))).toBe('abc');
  });

  it('replaces a reply that is regenerated, and continues one from its text', () => {
    let state = update(begin(), [sent(2), started(3), ended(4, 'r3', 'old'), started(5, { replaces: 'r3' })]);
    expect(state.messages.map((message) => message.id)).toEqual(['m2', 'r5']);
    expect(lastText(state)).toBe('');
    state = update(state, [ended(6, 'r5', 'cut', 'interrupted'), started(7, { continues: 'r5' })], 'r7', 0, [' and on']);
    expect(state.messages.map((message) => message.id)).toEqual(['m2', 'r7']);
    expect(lastText(state)).toBe('cut and on');
  });

  it('takes an answer that brings all anew instead of what it has', () => {
    const state = update(begin(), [sent(2), started(3), ended(4, 'r3', 'x')]);
    const anew = applyWatched(state, { session: { ...session, version: 900 }, messages: [{ id: 'm', seq: 890, role: 'user', text: 't', by: common.by, at: common.at, status: 'complete' }], events: [], more_before: true });
    expect(anew.messages).toHaveLength(1);
    expect(anew.last).toBe(900);
    expect(anew.moreBefore).toBe(true);
  });
});
