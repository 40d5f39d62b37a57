let registration: ServiceWorkerRegistration | undefined;

/** Lets the page open while nothing answers. Only where the browser offers it: over https, and on this machine. */
export function registerServiceWorker(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  // After the first load: what it fetches is what the page is loading.
  window.addEventListener('load', () => {
    navigator.serviceWorker.register('/sw.js', { updateViaCache: 'none' }).then(
      (registered) => {
        registration = registered;
      },
      () => {
        // Refused by the browser's settings: the page works, only not while it is offline.
      },
    );
  });
}

/** Asks for the files of a newer build, so that the page opens offline as it is now. */
export const updateServiceWorker = async (): Promise<void> => {
  await registration?.update().catch(() => undefined);
};
