/** What was seen at a time. */
export interface Seen<T> {
  /** Milliseconds since 1970, by this browser's clock. */
  readonly at: number;
  readonly value: T;
}

/** Keeps what was seen last, by key. Where the browser refuses to store, nothing is kept and nothing fails. */
export interface SeenStore {
  read<T>(key: string): Promise<Seen<T> | undefined>;
  write(key: string, value: unknown): Promise<void>;
}

const database = 'warroom';
const table = 'seen';
/** Of incidents and chats the latest are kept. */
const keptMax = 50;
/** Changes with the shape of what is stored: another build's is not read. */
const version = 1;

/** In IndexedDB: as large as timelines are, and off the page's own time. */
export function indexedSeenStore(factory: IDBFactory | undefined, now: () => number = Date.now): SeenStore {
  let opened: Promise<IDBDatabase> | null = null;
  const open = () => (opened ??= openDatabase(factory).catch((error: unknown) => {
    opened = null;
    throw error;
  }));
  return {
    async read<T>(key: string) {
      try {
        return await done<Seen<T> | undefined>((await open()).transaction(table).objectStore(table).get(key) as IDBRequest<Seen<T> | undefined>);
      } catch {
        // Refused or broken: as if nothing had been seen.
        return undefined;
      }
    },
    async write(key, value) {
      try {
        const store = (await open()).transaction(table, 'readwrite').objectStore(table);
        await done(store.put({ at: now(), value } satisfies Seen<unknown>, key));
        const surplus = (await done(store.count())) - keptMax;
        if (surplus > 0) await forgetOldest(store, surplus);
      } catch {
        // Refused or full: the page works, only not while it is offline.
      }
    },
  };
}

function openDatabase(factory: IDBFactory | undefined): Promise<IDBDatabase> {
  if (!factory) return Promise.reject(new Error('This browser has no IndexedDB.'));
  const request = factory.open(database, version);
  request.onupgradeneeded = () => {
    for (const old of [...request.result.objectStoreNames]) request.result.deleteObjectStore(old);
    request.result.createObjectStore(table).createIndex('at', 'at');
  };
  return done(request);
}

const done = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('IndexedDB refused.'));
  });

async function forgetOldest(store: IDBObjectStore, count: number): Promise<void> {
  const keys = await done(store.index('at').getAllKeys(null, count));
  await Promise.all(keys.map((key) => done(store.delete(key))));
}
