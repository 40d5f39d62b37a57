import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { serviceWorker } from './service-worker.ts';

type Handler = (event: { request: { url: string; method: string; mode: string }; respondWith: (answer: Promise<Response>) => void; waitUntil: (work: Promise<unknown>) => void }) => void;

/** Runs the worker's text with a network and caches of the test's. */
function start(text: string, network: (path: string) => Promise<Response>, stored = new Map<string, Map<string, Response>>()) {
  const handlers = new Map<string, Handler>();
  const pathOf = (request: string | { url: string }) => new URL(typeof request === 'string' ? request : request.url, 'http://warroom').pathname;
  const caches = {
    open: async (name: string) => {
      const cache = stored.get(name) ?? new Map<string, Response>();
      stored.set(name, cache);
      return { addAll: (requests: { url: string }[]) => Promise.all(requests.map(async (request) => cache.set(pathOf(request), await network(pathOf(request))))) };
    },
    keys: async () => [...stored.keys()],
    delete: async (name: string) => stored.delete(name),
    match: async (request: string | { url: string }, options?: { cacheName: string }) => [...stored].filter(([name]) => !options || options.cacheName === name).map(([, cache]) => cache.get(pathOf(request))?.clone()).find((found) => found !== undefined),
  };
  const self = { addEventListener: (name: string, handler: Handler) => { handlers.set(name, handler); }, location: { origin: 'http://warroom' }, skipWaiting: async () => undefined, clients: { claim: async () => undefined } };
  class FakeRequest {
    readonly url: string;
    constructor(path: string) {
      this.url = new URL(path, 'http://warroom').href;
    }
  }
  runInNewContext(text, { self, caches, fetch: (request: { url: string }) => network(pathOf(request)), Request: FakeRequest, Response, URL, setTimeout });
  const tell = async (name: string) => {
    let work: Promise<unknown> = Promise.resolve();
    handlers.get(name)!({ request: { url: '', method: '', mode: '' }, respondWith: () => undefined, waitUntil: (each) => { work = each; } });
    await work;
  };
  const ask = (path: string, mode = 'cors', method = 'GET') => {
    let answer: Promise<Response> | undefined;
    handlers.get('fetch')!({ request: { url: `http://warroom${path}`, method, mode }, respondWith: (each) => { answer = each; }, waitUntil: () => undefined });
    return answer;
  };
  return { tell, ask, stored };
}

const files = ['/', '/icon.svg', '/assets/index-a.js'];
const up = async (path: string) => new Response(`network ${path}`);
const down = () => Promise.reject(new TypeError('Failed to fetch'));

it('opens every view from the kept page when nobody answers, and from the server when it does', async () => {
  let network: (path: string) => Promise<Response> = up;
  const worker = start(serviceWorker(files, ['icon']), (path) => network(path));
  await worker.tell('install');
  expect(await (await worker.ask('/incidents/7', 'navigate')!).text()).toBe('network /incidents/7');
  network = down;
  expect(await (await worker.ask('/incidents/7', 'navigate')!).text()).toBe('network /');
  expect(await (await worker.ask('/icon.svg')!).text()).toBe('network /icon.svg');
  expect(await (await worker.ask('/assets/index-a.js')!).text()).toBe('network /assets/index-a.js');
  network = async () => new Response('bad gateway', { status: 502 });
  expect(await (await worker.ask('/', 'navigate')!).text()).toBe('network /');
});

it('leaves alone what the server says', async () => {
  const worker = start(serviceWorker(files, []), up);
  await worker.tell('install');
  for (const path of ['/api/incidents', '/hubs/warroom', '/ready', '/metrics', '/sw.js']) expect(worker.ask(path), path).toBeUndefined();
  for (const path of ['/api/incidents', '/openapi/v1.json', '/ready']) expect(worker.ask(path, 'navigate'), path).toBeUndefined();
  expect(worker.ask('/incidents/7', 'navigate', 'POST')).toBeUndefined();
});

it('takes another build by another name, and keeps the one before it for pages that are open', async () => {
  const builds = ['a', 'b', 'c'].map((content) => serviceWorker(files, [content]));
  expect(new Set(builds).size).toBe(3);
  const stored = new Map<string, Map<string, Response>>();
  for (const build of builds) {
    const worker = start(build, up, stored);
    await worker.tell('install');
    await worker.tell('activate');
  }
  expect(stored.size).toBe(2);
});
