import { warroomLink } from '@/shared/connection/links';
import type { IncidentUpdate } from '@/shared/contracts';
import { posts } from '@/shared/outbox/outboxes';
import { Room } from './room';

const kept = 8;
const rooms = new Map<string, Room>();

warroomLink.on('Timeline', (update: IncidentUpdate) => rooms.get(update.incident_id)?.receive(update));

/** The room of an incident. The last few stay in memory, so that going back shows them at once. */
export function roomOf(id: string): Room {
  const room = rooms.get(id) ?? new Room(id, warroomLink, posts);
  rooms.delete(id);
  rooms.set(id, room);
  const oldest = rooms.keys().next().value;
  if (rooms.size > kept && oldest !== undefined) rooms.delete(oldest);
  return room;
}

/** The server dropped something because this page was slow. */
export const behind = (id: string): void => rooms.get(id)?.behind();
