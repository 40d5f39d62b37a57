// The page without its server: the files of one build, kept so that the page opens while nothing answers. What the server says (/api, /hubs) never passes
// through here: nothing of it is kept, so nothing of it can be old.
const build = '__BUILD__';
const files = __FILES__;
const prefix = 'warroom-page-';
const name = prefix + build;
const patienceMs = 4000;

self.addEventListener('install', (event) => {
  // Names under /assets/ say their content; the others are asked for past the browser's own cache.
  const requests = files.map((file) => new Request(file, { cache: file.startsWith('/assets/') ? 'default' : 'reload' }));
  event.waitUntil(caches.open(name).then((cache) => cache.addAll(requests)).then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => event.waitUntil(forget().then(() => self.clients.claim())));

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (url.pathname.startsWith('/assets/')) event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
  else if (files.includes(url.pathname) && url.pathname !== '/') event.respondWith(fetch(request).catch(() => keptOr(url.pathname)));
  else if (request.mode === 'navigate' && !/^\/(api|hubs|openapi|metrics|health|ready|live|startup)(\/|$)/.test(url.pathname)) event.respondWith(view(request));
});

/** Every view is the one document. The server's is the newest; the kept one stands in when there is none, or none soon. */
async function view(request) {
  const kept = await caches.match('/', { cacheName: name });
  const asked = fetch(request).then((answer) => (kept && [502, 503, 504].includes(answer.status) ? kept : answer));
  if (!kept) return asked;
  const patience = new Promise((resolve) => setTimeout(() => resolve(kept), patienceMs));
  return Promise.race([asked.catch(() => kept), patience]);
}

async function keptOr(path) {
  return (await caches.match(path, { cacheName: name })) ?? Response.error();
}

/** The build before this one stays: a page of it may be open and still want a part. */
async function forget() {
  const others = (await caches.keys()).filter((each) => each.startsWith(prefix) && each !== name);
  await Promise.all(others.slice(0, -1).map((each) => caches.delete(each)));
}
