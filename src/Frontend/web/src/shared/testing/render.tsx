import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { MemoryRouter } from 'react-router';

/** Shows a part of the page with what surrounds every part. */
export function show(content: ReactNode, address = '/') {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  return render(
    <MantineProvider env="test">
      <QueryClientProvider client={client}>
        <MemoryRouter initialEntries={[address]}>{content}</MemoryRouter>
      </QueryClientProvider>
    </MantineProvider>,
  );
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly body: unknown;
}

/** Stands in for the server: answers each request and notes it. */
export function answer(reply: (request: Asked) => Response | Promise<Response>): Asked[] {
  const asked: Asked[] = [];
  globalThis.fetch = async (input, init) => {
    const request: Asked = { method: init?.method ?? 'GET', path: input instanceof Request ? input.url : input.toString(), headers: new Headers(init?.headers), body: typeof init?.body === 'string' ? (JSON.parse(init.body) as unknown) : undefined };
    asked.push(request);
    return reply(request);
  };
  return asked;
}

export const json = (value: unknown, status = 200, headers: Record<string, string> = {}): Response => new Response(JSON.stringify(value), { status, headers: { 'Content-Type': 'application/json', ...headers } });

export const problem = (status: number, code: string, detail: string): Response => json({ type: `https://warroom.dev/problems/${code}`, title: '', status, detail, code, trace_id: '4bf92f3577b34da6a3ce929d0e0e4736', error: detail }, status);
