import { get, hubError, type ApiError } from '@/shared/api';
import type { HubLink } from '@/shared/connection/hub-link';
import { chatLink } from '@/shared/connection/links';
import type { MessagePage, Receipt, SessionUpdate, WatchedSession } from '@/shared/contracts';
import { FrameBatch } from '@/shared/frame-batch';
import { isFresh, Keeper, seenStore, showsSeen } from '@/shared/offline/last-seen';
import type { SeenStore } from '@/shared/offline/seen-store';
import { messages as outbox } from '@/shared/outbox/outboxes';
import { Store } from '@/shared/store';
import { uuidV7 } from '@/shared/uuid';
import { applyUpdate, applyWatched, emptyChat, prependMessages, type ChatState } from './chat-state';

export interface Conversation extends ChatState {
  readonly error: ApiError | null;
}

/** What is kept of a conversation for when nobody answers. */
type SeenChat = Pick<ChatState, 'session' | 'messages' | 'last' | 'moreBefore'>;

const keptMessages = 100;

/** One conversation, kept live while it is shown. */
export class ChatSession {
  readonly state = new Store<Conversation>({ ...emptyChat, error: null });
  readonly #updates = new FrameBatch<SessionUpdate>((updates) => {
    this.#change((state) => updates.reduce(applyUpdate, state));
    if (this.state.get().gap) this.link.refresh(`session:${this.id}`);
  });
  #catchingUp: Promise<void> | null = null;
  /** How often the server said that it dropped something. */
  #behinds = 0;
  #unwatch: (() => void) | null = null;
  #unlisten: (() => void) | null = null;
  #viewers = 0;
  /** From when what is shown is, as long as it is from an earlier visit. */
  #seenAt: number | null = null;
  readonly #keeper: Keeper;

  constructor(
    readonly id: string,
    private readonly seen: SeenStore = seenStore,
    private readonly link: HubLink = chatLink,
  ) {
    this.#keeper = new Keeper(`session:${id}`, seen);
  }

  enter(): () => void {
    this.#viewers++;
    if (this.#seenAt !== null) showsSeen(`session:${this.id}`, this.#seenAt);
    this.#unwatch ??= this.link.watch(`session:${this.id}`, this.catchUp);
    const restore = () => void this.#restore();
    this.#unlisten ??= this.link.state.subscribe(restore);
    restore();
    return () => {
      this.#viewers--;
      if (this.#viewers > 0) return;
      this.#unwatch?.();
      this.#unwatch = null;
      this.#unlisten?.();
      this.#unlisten = null;
      this.#keeper.flush();
      isFresh(`session:${this.id}`);
      void this.link.invoke('Unwatch', this.id).catch(() => undefined);
    };
  }

  receive(update: SessionUpdate): void {
    this.#updates.add(update);
  }

  /** The server dropped something, or could not know what it lost; the answer to a question that is on its way may be older than that. */
  behind(): void {
    this.#behinds++;
    this.link.refresh(`session:${this.id}`);
  }

  readonly catchUp = (): Promise<void> => {
    this.#catchingUp ??= this.#watch().finally(() => {
      this.#catchingUp = null;
    });
    return this.#catchingUp;
  };

  /** Stop, Regenerate, Continue. */
  async command(method: 'Stop' | 'Regenerate' | 'Continue'): Promise<void> {
    await this.link.invoke<Receipt>(method, this.id, uuidV7());
  }

  async older(): Promise<void> {
    const first = this.state.get().messages[0];
    if (!first) return;
    const page = await get<MessagePage>(`/api/sessions/${this.id}/messages?before=${first.seq}&limit=100`);
    this.#change((state) => prependMessages(state, page.messages, page.more));
  }

  /** Shows the conversation as it was seen last, once nobody answers; from there it catches up. */
  async #restore(): Promise<void> {
    const { kind } = this.link.state.get();
    if (this.state.get().session !== null || (kind !== 'reconnecting' && kind !== 'offline')) return;
    const seen = await this.seen.read<SeenChat>(`session:${this.id}`);
    if (!seen || this.state.get().session !== null) return;
    this.state.set({ ...emptyChat, ...seen.value, error: null });
    this.#seenAt = seen.at;
    if (this.#viewers > 0) showsSeen(`session:${this.id}`, seen.at);
  }

  async #watch(): Promise<void> {
    try {
      await this.#ask();
    } catch (error) {
      const problem = hubError(error);
      if (problem.retryable) throw error;
      this.state.update((state) => ({ ...state, error: problem }));
    }
  }

  /** Asks for what this page lacks until it lacks nothing. */
  async #ask(): Promise<void> {
    for (;;) {
      const behinds = this.#behinds;
      const before = this.state.get();
      const answer = await this.link.invoke<WatchedSession>('Watch', this.id, before.last);
      this.#updates.flush();
      this.#change((state) => applyWatched(state, answer, before.last));
      this.#seenAt = null;
      isFresh(`session:${this.id}`);
      const { gap, last, nextToken } = this.state.get();
      if (!gap && behinds === this.#behinds) return;
      if (gap && last === before.last && nextToken === before.nextToken) throw new Error('The server has something that it did not send.');
    }
  }

  #change(change: (state: ChatState) => ChatState): void {
    this.state.update((state) => ({ ...change(state), error: null }));
    // A reply on its way is kept when it is over.
    this.#keeper.keep(() => {
      const { session, messages, last, moreBefore, liveReply } = this.state.get();
      return session && liveReply === null ? ({ session, messages: messages.slice(-keptMessages), last, moreBefore: moreBefore || messages.length > keptMessages } satisfies SeenChat) : undefined;
    });
    if (outbox.items.get().some((item) => item.target === this.id)) outbox.seen(new Set(this.state.get().messages.map((message) => message.id)));
  }
}

const kept = 8;
const sessions = new Map<string, ChatSession>();

chatLink.on('Session', (update: SessionUpdate) => sessions.get(update.session_id)?.receive(update));
chatLink.on('Behind', (id: string) => sessions.get(id)?.behind());

export function sessionOf(id: string): ChatSession {
  const session = sessions.get(id) ?? new ChatSession(id);
  sessions.delete(id);
  sessions.set(id, session);
  const oldest = sessions.keys().next().value;
  if (sessions.size > kept && oldest !== undefined) sessions.delete(oldest);
  return session;
}
