import { describe, expect, it, vi } from 'vitest';
import type { HubLink, Resume } from '@/shared/connection/hub-link';
import type { SessionView, WatchedSession } from '@/shared/contracts';
import { memorySeenStore } from '@/shared/offline/memory-seen-store';
import { Store } from '@/shared/store';
import { ChatSession } from './chat-session';

const at = '2026-11-20T10:00:00Z';
const session: SessionView = { id: 's1', version: 1, bot_id: 'BOT-001', title: 'Chat', created_at: at, updated_at: at, message_count: 0 };
const sent = (seq: number) => ({ seq, hash: '', body: JSON.stringify({ kind: 'message_sent', at, by: { kind: 'person', name: 'Ana' }, operation_id: 'o', message_id: `m${seq}`, text: 'Hello' }) });
const log = (count: number) => Array.from({ length: count }, (_, index) => sent(index + 1));

/** The hub as a conversation uses it; each question is answered by the next of the answers. */
function hub(...answers: ((after: number) => WatchedSession | Promise<WatchedSession>)[]) {
  const asked: number[] = [];
  let resume: Resume = async () => undefined;
  const refreshed = vi.fn(() => void resume().catch(() => undefined));
  const link = {
    state: new Store({ kind: 'live' }),
    watch: (_key: string, next: Resume) => {
      resume = next;
      return () => undefined;
    },
    refresh: refreshed,
    invoke: async (_method: string, _id: string, after: number) => {
      asked.push(after);
      return await answers[asked.length - 1]!(after);
    },
  } as unknown as HubLink;
  const chat = new ChatSession('s1', memorySeenStore(), link);
  chat.enter();
  return { chat, asked, refreshed };
}

const upTo = (version: number) => (after: number) => ({ session: { ...session, version }, ...(after === 0 && { messages: [] }), events: log(version).slice(after), more_before: false });

describe('ChatSession', () => {
  it('asks once more when the server dropped something while its answer was on its way', async () => {
    const { chat, asked } = hub(async (after) => {
      await Promise.resolve();
      chat.behind();
      return upTo(2)(after);
    }, upTo(3));
    await chat.catchUp();
    expect(asked).toEqual([0, 2]);
    expect(chat.state.get().last).toBe(3);
  });

  it('asks for what an update shows to be missing, and keeps the update', async () => {
    const { chat, asked } = hub(upTo(2), upTo(4));
    await chat.catchUp();
    chat.receive({ session_id: 's1', events: [sent(5)] });
    await vi.waitFor(() => expect(chat.state.get().last).toBe(5));
    expect(asked).toEqual([0, 2]);
  });

  it('fails, so that the link tries again, when the server does not answer or sends nothing of what is missing', async () => {
    const { chat, asked } = hub(() => Promise.reject(new Error('HubException: session.moving: This session moves too fast to be read.')), upTo(2), upTo(2), upTo(5));
    await expect(chat.catchUp()).rejects.toThrow('session.moving');
    await chat.catchUp();
    expect(chat.state.get()).toMatchObject({ last: 2, error: null });
    chat.receive({ session_id: 's1', events: [sent(5)] });
    await vi.waitFor(() => expect(asked).toHaveLength(3));
    await vi.waitFor(() => expect(chat.state.get().gap).toBe(true));
    await chat.catchUp();
    expect(chat.state.get()).toMatchObject({ last: 5, gap: false });
  });
});
