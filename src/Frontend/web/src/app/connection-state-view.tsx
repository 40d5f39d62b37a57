import { connectionWords } from '@/shared/connection/connection-state';
import { away, chatLink, warroomLink } from '@/shared/connection/links';
import { behindByLog } from '@/shared/live-facts';
import { waitingCount } from '@/shared/outbox/outbox';
import { messages, posts } from '@/shared/outbox/outboxes';
import { useNow } from '@/shared/ui/now';
import { useStore } from '@/shared/use-store';
import classes from './shell.module.css';

/** How the page stands to the server, always in words. */
export function ConnectionStateView() {
  const states = [useStore(warroomLink.state), useStore(chatLink.state)];
  const behind = [...useStore(behindByLog).values()].reduce((sum, each) => sum + each, 0);
  const unsent = [...useStore(posts.items), ...useStore(messages.items)];
  const waiting = waitingCount(unsent);
  const waitingSince = waiting > 0 ? Math.min(...unsent.filter((item) => item.status === 'sending').map((item) => item.at)) : null;
  const unanswered = [useStore(warroomLink.unansweredSince), useStore(chatLink.unansweredSince)].filter((since) => since !== null);
  const unansweredSince = unanswered.length > 0 ? Math.min(...unanswered) : null;
  const now = useNow();
  const { tone, text } = connectionWords({ states, away: useStore(away), behind, waiting, waitingSince, unansweredSince, now });
  return (
    <span className={classes['connection']} data-tone={tone} role="status" aria-label={`Connection: ${text.replace(/ \(.*\)/, '')}`} data-testid="connection">
      {text}
    </span>
  );
}
