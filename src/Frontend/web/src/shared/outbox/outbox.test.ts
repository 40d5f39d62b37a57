import { describe, expect, it, vi } from 'vitest';
import { Outbox, waitingCount } from './outbox';

type Send = (target: string, id: string, text: string) => Promise<{ seq: number }>;

function setUp(send: Send, ready = () => true) {
  return new Outbox({ name: 'test', send, ready, delay: () => 1 });
}

describe('Outbox', () => {
  it('is committed only when the server says so', async () => {
    let commit: (receipt: { seq: number }) => void = () => undefined;
    const outbox = setUp(() => new Promise((resolve) => (commit = resolve)));
    outbox.add('i1', 'hello');
    expect(outbox.items.get()[0]).toMatchObject({ status: 'sending', stored: true });
    commit({ seq: 7 });
    await vi.waitFor(() => expect(outbox.items.get()[0]).toMatchObject({ status: 'committed', seq: 7 }));
    expect(localStorage).toHaveLength(0);
  });

  it('resends under the same id when the connection breaks before the answer', async () => {
    const send = vi.fn<Send>().mockRejectedValueOnce(new Error('Invocation canceled')).mockResolvedValue({ seq: 1 });
    const outbox = setUp(send);
    const { id } = outbox.add('i1', 'hello');
    await vi.waitFor(() => expect(outbox.items.get()[0]?.status).toBe('committed'));
    expect(send.mock.calls.map((call) => call[1])).toEqual([id, id]);
  });

  it('keeps what was not sent over a reload of the page', async () => {
    const first = setUp(async () => ({ seq: 1 }), () => false);
    const { id } = first.add('i1', 'written while offline');
    const send = vi.fn<Send>(async () => ({ seq: 3 }));
    const second = setUp(send);
    expect(waitingCount(second.items.get())).toBe(1);
    second.pump();
    await vi.waitFor(() => expect(send).toHaveBeenCalledExactlyOnceWith('i1', id, 'written while offline'));
  });

  it('sends the posts of one incident one after another, in order', async () => {
    const order: string[] = [];
    let running = 0;
    const outbox = setUp(async (_target, _id, text) => {
      expect(++running).toBe(1);
      await Promise.resolve();
      order.push(text);
      running--;
      return { seq: order.length };
    });
    for (const text of ['a', 'b', 'c', 'd']) outbox.add('i1', text);
    await vi.waitFor(() => expect(order).toEqual(['a', 'b', 'c', 'd']));
  });

  it('shows a refusal with its sentence, goes on with the next, and retries on request', async () => {
    const send = vi.fn<Send>().mockRejectedValueOnce(new Error("An unexpected error occurred invoking 'Post' on the server. HubException: incident.too_long: An entry has at most 10,000 characters.")).mockResolvedValue({ seq: 2 });
    const outbox = setUp(send);
    const refused = outbox.add('i1', 'too long');
    const next = outbox.add('i1', 'next');
    await vi.waitFor(() => expect(outbox.items.get().find((item) => item.id === next.id)?.status).toBe('committed'));
    expect(outbox.items.get().find((item) => item.id === refused.id)).toMatchObject({ status: 'failed', error: 'An entry has at most 10,000 characters.' });
    outbox.retry(refused.id);
    await vi.waitFor(() => expect(outbox.items.get().find((item) => item.id === refused.id)?.status).toBe('committed'));
  });

  it('takes an unknown outcome for unknown, not for failure', async () => {
    const send = vi.fn<Send>().mockRejectedValueOnce(new Error('HubException: incident.outcome_unknown: Send it again.')).mockResolvedValue({ seq: 2 });
    const outbox = setUp(send);
    outbox.add('i1', 'text');
    await vi.waitFor(() => expect(outbox.items.get()[0]?.status).toBe('committed'));
  });

  it('forgets what the timeline shows', () => {
    const outbox = setUp(() => new Promise(() => undefined));
    const { id } = outbox.add('i1', 'hello');
    outbox.seen(new Set([id]));
    expect(outbox.items.get()).toEqual([]);
    expect(localStorage).toHaveLength(0);
  });

  it('says when the browser refuses to store it', () => {
    const refuse = vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
      throw new Error('full');
    });
    expect(setUp(() => new Promise(() => undefined)).add('i1', 'hello').stored).toBe(false);
    refuse.mockRestore();
  });
});
