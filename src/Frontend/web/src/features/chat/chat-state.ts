import type { ChatMessage, LoggedEvent, ReplyOutcome, SessionEvent, SessionUpdate, SessionView, TokenBatch, WatchedSession } from '@/shared/contracts';

/** A conversation as this page knows it, after event number `last`. */
export interface ChatState {
  readonly session: SessionView | null;
  readonly messages: readonly ChatMessage[];
  readonly last: number;
  /** The number of the next token of the reply in flight. */
  readonly nextToken: number;
  /** Which reply is in flight. */
  readonly liveReply: string | null;
  /** How many are in front of it in the model's queue. */
  readonly queued: number;
  readonly moreBefore: boolean;
  /** The server has something that this page lacks: ask for it. */
  readonly gap: boolean;
  /** News that came before what this page lacks: applied after the answer. */
  readonly early: readonly SessionUpdate[];
}

export const emptyChat: ChatState = { session: null, messages: [], last: 0, nextToken: 0, liveReply: null, queued: 0, moreBefore: false, gap: false, early: [] };

/** The most news that is kept; what comes then is asked for once more. */
const earlyMax = 500;

/** The answer to `Watch` with the number `asked`: what was missed, or all anew. News may have overtaken it. */
export function applyWatched(state: ChatState, answer: WatchedSession, asked: number): ChatState {
  const { early } = state;
  const settled: ChatState = { ...state, gap: false, early: [] };
  const after = early.reduce(applyEarly, isOlder(state, answer, asked) ? settled : applyAnswer(settled, answer));
  return early.length < earlyMax ? after : { ...after, gap: true };
}

/** Whether this page has moved on since the answer was made. One that begins anew below the number that was asked for is no such: the server's log was set back. */
function isOlder(state: ChatState, { session, messages }: WatchedSession, asked: number): boolean {
  return state.session !== null && session.version < state.last && (messages === undefined || session.version >= asked);
}

function applyAnswer(before: ChatState, { session, messages, events, more_before }: WatchedSession): ChatState {
  const fresh = messages !== undefined || before.session === null;
  const begun: ChatState = fresh ? { ...before, messages: messages ?? [], last: session.version - events.length, moreBefore: more_before, liveReply: null } : before;
  const after = events.reduce(applyEvent, begun);
  // What the answer says of the session is the truth even where an event was not understood.
  const last = Math.max(after.last, session.version);
  const kept: ChatState = { ...after, session: { ...session, live: undefined }, last };
  const { live } = session;
  if (!live) return { ...kept, liveReply: null, queued: 0 };
  // A later answer never takes tokens away that are here already.
  const isAhead = before.liveReply === live.reply_id && before.nextToken > live.next_token;
  const text = isAhead ? (before.messages.find((message) => message.id === live.reply_id)?.text ?? live.text) : live.text;
  const shown = kept.messages.some((message) => message.id === live.reply_id)
    ? kept.messages
    : [...kept.messages, { id: live.reply_id, seq: last, role: 'assistant', text: '', by: { kind: 'bot', name: session.bot_id }, at: live.started_at, status: 'streaming', message_id: live.message_id } satisfies ChatMessage];
  return {
    ...kept,
    liveReply: live.reply_id,
    nextToken: isAhead ? before.nextToken : live.next_token,
    queued: live.queued,
    messages: shown.map((message) => (message.id === live.reply_id ? { ...message, text, status: 'streaming' as const } : message)),
  };
}

/** The one reducer of live news: events in order, then tokens in order; `gap` says that something is lacking. */
export function applyUpdate(state: ChatState, update: SessionUpdate): ChatState {
  if (state.session === null) return keep(state, update);
  const after = update.events.reduce(applyEvent, { ...state, gap: false });
  const done = update.tokens && !after.gap ? applyTokens(after, update.tokens) : after;
  return done.gap ? keep(done, update) : { ...done, gap: state.gap };
}

/** News from before an answer. Tokens of a reply that is not known even now are of one that is no longer shown. */
function applyEarly(state: ChatState, update: SessionUpdate): ChatState {
  const { tokens } = update;
  const isKnown = !tokens || state.messages.some((message) => message.id === tokens.reply_id);
  return applyUpdate(state, isKnown ? update : { ...update, tokens: undefined });
}

function keep(state: ChatState, update: SessionUpdate): ChatState {
  return { ...state, gap: true, early: state.early.length < earlyMax ? [...state.early, update] : state.early };
}

function applyEvent(state: ChatState, logged: LoggedEvent): ChatState {
  if (logged.seq <= state.last) return state;
  if (logged.seq > state.last + 1) return { ...state, gap: true };
  return { ...fold(state, JSON.parse(logged.body) as SessionEvent, logged.seq), last: logged.seq };
}

function fold(state: ChatState, event: SessionEvent, seq: number): ChatState {
  const { session, messages } = state;
  switch (event.kind) {
    case 'session_started':
    case 'session_renamed':
      return { ...state, session: session && { ...session, title: event.title } };
    case 'message_sent':
      return { ...state, messages: [...messages, { id: event.message_id, seq, role: 'user', text: event.text, by: event.by, at: event.at, status: 'complete' }] };
    case 'reply_started': {
      const hidden = event.replaces ?? event.continues;
      const begun = event.continues === undefined ? '' : (messages.find((message) => message.id === event.continues)?.text ?? '');
      const reply: ChatMessage = { id: event.reply_id, seq, role: 'assistant', text: begun, by: event.by, at: event.at, status: 'streaming', message_id: event.message_id };
      return { ...state, liveReply: event.reply_id, nextToken: 0, queued: 0, messages: [...messages.filter((message) => message.id !== hidden), reply] };
    }
    case 'reply_ended': {
      const { model, simulated, error, error_code, finish_reason, prompt_tokens, reply_tokens, first_token_ms, duration_ms } = event;
      const outcome: ReplyOutcome = { model, simulated, error, error_code, finish_reason, prompt_tokens, reply_tokens, first_token_ms, duration_ms };
      return {
        ...state,
        liveReply: state.liveReply === event.reply_id ? null : state.liveReply,
        messages: messages.map((message) => (message.id === event.reply_id ? { ...message, text: event.text, status: event.status, outcome } : message)),
      };
    }
  }
  // A kind that a newer server added.
  return state;
}

function applyTokens(state: ChatState, { reply_id, first_token, tokens }: TokenBatch): ChatState {
  if (state.liveReply !== reply_id) {
    // Tokens of a reply that is over are late; of one that is not known yet, or not what there is of it, they are early.
    const known = state.messages.find((message) => message.id === reply_id);
    return known && known.status !== 'streaming' ? state : { ...state, gap: true };
  }
  if (first_token > state.nextToken) return { ...state, gap: true };
  const fresh = tokens.slice(state.nextToken - first_token).join('');
  if (fresh === '') return state;
  return {
    ...state,
    queued: 0,
    nextToken: first_token + tokens.length,
    messages: state.messages.map((message) => (message.id === reply_id ? { ...message, text: message.text + fresh } : message)),
  };
}

/** Older messages, above those that are here. */
export function prependMessages(state: ChatState, older: readonly ChatMessage[], more: boolean): ChatState {
  const known = new Set(state.messages.map((message) => message.id));
  return { ...state, messages: [...older.filter((message) => !known.has(message.id)), ...state.messages], moreBefore: more };
}
