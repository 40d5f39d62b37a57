import { useCallback, useRef, useState } from 'react';
import { ApiError } from './api';
import { uuidV7 } from './uuid';

interface Command<A, T> {
  readonly run: (argument: A) => Promise<T | undefined>;
  readonly pending: boolean;
  readonly error: unknown;
  readonly clear: () => void;
}

const resendDelaysMs = [300, 1_000, 3_000];

/**
 * A command over HTTP. It goes out under one operation id; when its outcome is not known it is resent under the same id, also when the person presses
 * the button again with the same input, so that whatever happens it takes effect once.
 */
export function useCommand<A, T>(send: (argument: A, operationId: string) => Promise<T>): Command<A, T> {
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const open = useRef<{ readonly input: string; readonly id: string } | null>(null);
  const run = useCallback(
    async (argument: A): Promise<T | undefined> => {
      const input = JSON.stringify(argument);
      if (open.current?.input !== input) open.current = { input, id: uuidV7() };
      const { id } = open.current;
      setPending(true);
      setError(null);
      try {
        const value = await resend(() => send(argument, id));
        open.current = null;
        return value;
      } catch (problem) {
        if (!(problem instanceof ApiError && problem.retryable)) open.current = null;
        setError(problem);
        return undefined;
      } finally {
        setPending(false);
      }
    },
    [send],
  );
  const clear = useCallback(() => setError(null), []);
  return { run, pending, error, clear };
}

async function resend<T>(send: () => Promise<T>): Promise<T> {
  for (const delay of resendDelaysMs) {
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof ApiError && error.retryable) || error.status === 429) throw error;
      await new Promise((resolve) => setTimeout(resolve, error.retryAfterSeconds ? Math.min(error.retryAfterSeconds * 1000, 5_000) : delay));
    }
  }
  return send();
}
