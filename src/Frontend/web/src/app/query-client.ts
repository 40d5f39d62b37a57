import { QueryClient } from '@tanstack/react-query';
import { ApiError } from '@/shared/api';

/** The hub says when something changed, so what is held stays good until then. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      // Browsers are wrong about being offline often enough: asking shows it, and a question that waits for ever does not.
      networkMode: 'always',
      retry: (failures, error) => failures < 3 && error instanceof ApiError && error.retryable,
      retryDelay: (attempt) => Math.min(5_000, 300 * 2 ** attempt),
    },
  },
});
