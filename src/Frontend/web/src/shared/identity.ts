import { storage } from './storage';
import { Store } from './store';

const key = 'warroom.actor';

/** Who acts, until people sign in: a name that the person gives once. */
export const actor = new Store(storage.get(key) ?? '');

export function rename(name: string): void {
  storage.set(key, name);
  actor.set(name);
}

/** The name as it goes out: the server's default unless one was given. */
export const actorName = (): string => actor.get() || 'responder';
