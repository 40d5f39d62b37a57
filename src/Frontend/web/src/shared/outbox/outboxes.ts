import { chatLink, warroomLink } from '../connection/links';
import type { Receipt } from '../contracts';
import { Outbox } from './outbox';

const isLive = (link: typeof warroomLink) => link.state.get().kind === 'live';

/** Posts to timelines. */
export const posts = new Outbox({
  name: 'post',
  send: (incidentId, operationId, text) => warroomLink.invoke<Receipt>('Post', incidentId, operationId, text),
  ready: () => isLive(warroomLink),
});

/** Messages to bots. */
export const messages = new Outbox({
  name: 'message',
  send: (sessionId, operationId, text) => chatLink.invoke<Receipt>('Send', sessionId, operationId, text),
  ready: () => isLive(chatLink),
});

warroomLink.state.subscribe(() => posts.pump());
chatLink.state.subscribe(() => messages.pump());

/** What an earlier page left unsent goes out now. */
export function resumeOutboxes(): void {
  warroomLink.start();
  if (messages.items.get().length > 0) chatLink.start();
  posts.pump();
  messages.pump();
}
