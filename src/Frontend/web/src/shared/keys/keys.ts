import { useEffect, useRef } from 'react';
import { Store } from '../store';

/** What a page can do: by a key, by the palette, or both. */
export interface Verb {
  /** What it does, as a person says it: "Report an incident". */
  readonly name: string;
  /** A single key such as `c`, `/` or `Enter`; absent for verbs of the palette only. */
  readonly key?: string;
  readonly run: () => void;
  /** Moving about is for the keyboard alone and not worth a line in the palette. */
  readonly keyOnly?: boolean;
}

interface VerbGroup {
  readonly title: string;
  readonly verbs: readonly Verb[];
}

/** All verbs of what is on the page now, the most recent group last. */
export const verbGroups = new Store<readonly VerbGroup[]>([]);

/** Offers verbs while the caller is shown. */
export function useVerbs(title: string, verbs: readonly Verb[]): void {
  const current = useRef(verbs);
  useEffect(() => {
    current.current = verbs;
  });
  const names = verbs.map((verb) => `${verb.name}\n${verb.key ?? ''}\n${String(verb.keyOnly ?? false)}`).join('\r');
  useEffect(() => {
    const group: VerbGroup = {
      title,
      verbs: names.split('\r').flatMap((line, index) => {
        const [name = '', key = '', keyOnly] = line.split('\n');
        return name ? [{ name, ...(key && { key }), keyOnly: keyOnly === 'true', run: () => current.current[index]?.run() }] : [];
      }),
    };
    verbGroups.update((groups) => [...groups, group]);
    return () => verbGroups.update((groups) => groups.filter((other) => other !== group));
  }, [title, names]);
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.closest('input, textarea, select, [role="combobox"], [role="listbox"], [role="menu"]') !== null);
}

/** Runs the verb of a key. Typing, dialogs and the browser's own combinations come first. */
export function handleKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (document.querySelector('[role="dialog"][aria-modal="true"]')) return;
  if (event.key === 'Enter' && event.target instanceof HTMLElement && event.target.closest('a, button, summary')) return;
  for (const group of [...verbGroups.get()].reverse()) {
    const verb = group.verbs.find((candidate) => candidate.key === event.key);
    if (!verb) continue;
    event.preventDefault();
    verb.run();
    return;
  }
}
