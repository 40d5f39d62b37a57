import { Store } from './store';

/** How far behind each watched log is; what the connection state shows. */
export const behindByLog = new Store<ReadonlyMap<string, number>>(new Map());

export function reportBehind(key: string, behind: number): void {
  if ((behindByLog.get().get(key) ?? 0) === behind) return;
  behindByLog.update((all) => {
    const next = new Map(all);
    if (behind === 0) next.delete(key);
    else next.set(key, behind);
    return next;
  });
}
