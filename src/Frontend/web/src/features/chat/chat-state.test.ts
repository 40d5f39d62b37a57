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
const begin = () => applyWatched(emptyChat, { session, messages: [], events: [], more_before: false }, 0);
const live = (reply: string, text: string, next_token: number) => ({ reply_id: reply, message_id: 'm2', text, next_token, started_at: common.at, model: '', queued: 0 });
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
    let state = update(begin(), [sent(2)]);
    state = applyWatched(state, { session: { ...session, version: 3, live: live('r3', 'One two ', 2) }, events: [started(3)], more_before: false }, 2);
    expect(lastText(state)).toBe('One two ');
    state = update(state, [], 'r3', 1, ['two ', 'three']);
    expect(lastText(state)).toBe('One two three');
  });

  it('never loses tokens to an answer that is older than they', () => {
    const state = update(begin(), [sent(2), started(3)], 'r3', 0, ['a', 'b', 'c']);
    const older = { session: { ...session, version: 3, live: live('r3', 'a', 1) }, events: [], more_before: false };
    expect(lastText(applyWatched(state, older, 3))).toBe('abc');
    const anew = applyWatched(state, { ...older, messages: [{ id: 'r3', seq: 3, role: 'assistant', text: '', by: common.by, at: common.at, status: 'streaming' }] }, 3);
    expect(anew).toMatchObject({ liveReply: 'r3', nextToken: 3 });
    expect(lastText(anew)).toBe('abc');
  });

  it('is not taken back by an answer that its news has overtaken', () => {
    const state = update(begin(), [sent(2), started(3), ended(4, 'r3', 'All of it.')]);
    const older = { session: { ...session, version: 3, live: live('r3', 'All', 1) }, events: [started(3)], more_before: false };
    for (const answer of [older, { ...older, messages: [], events: [sent(2), started(3)] }]) {
      const after = applyWatched(state, answer, 2);
      expect(after).toMatchObject({ last: 4, liveReply: null, gap: false });
      expect(after.messages.at(-1)).toMatchObject({ status: 'complete', text: 'All of it.' });
    }
  });

  it('begins anew when the server knows less than was asked for', () => {
    const state = update(begin(), [sent(2), started(3), ended(4, 'r3', 'x')]);
    expect(applyWatched(state, { session: { ...session, version: 2 }, messages: [], events: [sent(2)], more_before: false }, 4)).toMatchObject({ last: 2, messages: [{ id: 'm2' }] });
  });

  it('keeps what comes before the answer that it needs, and applies it then', () => {
    let state = update(emptyChat, [sent(2), started(3)]);
    state = update(state, [], 'r3', 0, ['a']);
    expect(state).toMatchObject({ last: 0, gap: true });
    state = applyWatched(state, { session, messages: [], events: [], more_before: false }, 0);
    expect(state).toMatchObject({ last: 3, gap: false, early: [] });
    expect(lastText(state)).toBe('a');

    state = update(state, [], 'r3', 3, ['d']);
    state = applyWatched(state, { session: { ...session, version: 3, live: live('r3', 'ab', 2) }, events: [], more_before: false }, 3);
    expect(state.gap).toBe(true);
    state = applyWatched(state, { session: { ...session, version: 3, live: live('r3', 'abc', 3) }, events: [], more_before: false }, 3);
    expect(state.gap).toBe(false);
    expect(lastText(state)).toBe('abcd');
  });

  it('keeps so much and no more, and asks again for the rest', () => {
    let state = begin();
    for (let seq = 3; seq < 600; seq++) state = update(state, [sent(seq)]);
    expect(state.early).toHaveLength(500);
    state = applyWatched(state, { session: { ...session, version: 2 }, events: [sent(2)], more_before: false }, 1);
    expect(state).toMatchObject({ last: 502, gap: true });
  });

  it('keeps tokens of a reply of which the server does not know yet how far it is', () => {
    let state = update(begin(), [sent(2), started(3)], 'r3', 0, ['a']);
    state = applyWatched(state, { session: { ...session, version: 3 }, events: [], more_before: false }, 3);
    expect(state.liveReply).toBeNull();
    state = update(state, [], 'r3', 1, ['b']);
    expect(state.gap).toBe(true);
    state = applyWatched(state, { session: { ...session, version: 3, live: live('r3', 'a', 1) }, events: [], more_before: false }, 3);
    expect(state.gap).toBe(false);
    expect(lastText(state)).toBe('ab');
  });

  it('drops early tokens of a reply that is no longer shown', () => {
    let state = update(begin(), [], 'r3', 2, ['c']);
    expect(state.gap).toBe(true);
    state = applyWatched(state, { session: { ...session, version: 5 }, events: [sent(2), started(3), ended(4, 'r3', 'old'), started(5, { replaces: 'r3' })], more_before: false }, 1);
    expect(state.gap).toBe(false);
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
    const anew = applyWatched(state, { session: { ...session, version: 900 }, messages: [{ id: 'm', seq: 890, role: 'user', text: 't', by: common.by, at: common.at, status: 'complete' }], events: [], more_before: true }, 4);
    expect(anew.messages).toHaveLength(1);
    expect(anew.last).toBe(900);
    expect(anew.moreBefore).toBe(true);
  });
});
