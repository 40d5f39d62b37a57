import type { Problem } from './contracts';
import { actorName } from './identity';

/** A refusal or an outage, in words for the person who asked. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly code: string,
    readonly status: number,
    readonly traceId?: string,
    readonly retryAfterSeconds?: number,
  ) {
    super(message);
    this.name = 'ApiError';
  }

  /** Whether the same command may work later, or is not known to have failed: send it again under its key. */
  get retryable(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 502;
  }
}

export interface Answer<T> {
  readonly value: T;
  readonly headers: Headers;
}

interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly body?: unknown;
  /** The operation id: a resend with it is the same command. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

const timeoutMs = 20_000;

export async function call<T>(path: string, { method = 'GET', body, idempotencyKey, signal }: Call = {}): Promise<Answer<T>> {
  const headers: Record<string, string> = { Accept: 'application/json', 'X-Warroom-Actor': encodeURIComponent(actorName()) };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (idempotencyKey) headers['Idempotency-Key'] = idempotencyKey;
  const timeout = AbortSignal.timeout(timeoutMs);
  let response: Response;
  try {
    response = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal: signal ? AbortSignal.any([signal, timeout]) : timeout });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(timeout.aborted ? 'Warroom did not answer within 20 s.' : 'Warroom cannot be reached.', 'page.unreachable', 0);
  }
  if (!response.ok) throw await problemOf(response);
  return { value: (response.status === 204 ? undefined : await response.json()) as T, headers: response.headers };
}

export const get = async <T>(path: string, signal?: AbortSignal): Promise<T> => (await call<T>(path, { signal })).value;

async function problemOf(response: Response): Promise<ApiError> {
  const retryAfter = Number(response.headers.get('Retry-After'));
  const problem = (await response.json().catch(() => ({}))) as Partial<Problem>;
  const fallback = `Warroom answered ${response.status} ${response.statusText}`.trim() + '.';
  return new ApiError(problem.detail ?? problem.error ?? fallback, problem.code ?? `http.${response.status}`, response.status, problem.trace_id, retryAfter > 0 ? retryAfter : undefined);
}

/** A hub's refusal comes as `code: sentence`; everything else that goes wrong there is a lost connection, so the outcome is unknown. */
export function hubError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const match = /(?:HubException: )?\b([a-z_]+\.[a-z_.]+): (.+)$/s.exec(text);
  if (match?.[1] && match[2]) {
    const code = match[1];
    return new ApiError(match[2], code, statusOfCode(code));
  }
  return new ApiError('The connection broke before Warroom answered.', 'page.connection_lost', 0);
}

const busyCodes = ['.unavailable', '.overloaded', '.busy', '.moved', '.moving', '.no_answer', '.try_again'];

function statusOfCode(code: string): number {
  if (code.endsWith('outcome_unknown')) return 504;
  if (busyCodes.some((ending) => code.endsWith(ending))) return 503;
  if (code.endsWith('.too_many') || code.endsWith('.too_busy') || code.endsWith('.rate_limited')) return 429;
  if (code.endsWith('.not_found')) return 404;
  return 400;
}
