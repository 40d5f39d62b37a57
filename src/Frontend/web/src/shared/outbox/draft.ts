import { useCallback, useState } from 'react';
import { storage } from '../storage';

/** A text that is being typed: it survives a reload, and is forgotten when it is sent. */
export function useDraft(key: string): readonly [string, (text: string) => void] {
  const name = `warroom.draft.${key}`;
  const [state, setState] = useState(() => ({ name, text: storage.get(name) ?? '' }));
  // The box may be shown for another incident next: its draft is its own.
  const text = state.name === name ? state.text : (storage.get(name) ?? '');
  const set = useCallback(
    (next: string) => {
      setState({ name, text: next });
      if (next) storage.set(name, next);
      else storage.remove(name);
    },
    [name],
  );
  return [text, set];
}
