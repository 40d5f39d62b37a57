import { actor } from '../identity';
import { HubLink, type LinkEnvironment } from './hub-link';
import { signalrTransport } from './signalr-transport';
import { followStanding } from './standing';

const environment: LinkEnvironment = {
  now: () => Date.now(),
  random: () => Math.random(),
  online: () => navigator.onLine,
  onWake: (handler) => {
    window.addEventListener('online', handler);
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') handler();
    });
  },
  onOffline: (handler) => window.addEventListener('offline', handler),
};

/** Incidents: lists and timelines. Always connected. */
export const warroomLink = new HubLink(() => signalrTransport('/hubs/warroom'), environment);

/** Conversations. Connected from the first one on. */
export const chatLink = new HubLink(() => signalrTransport('/hubs/chat'), environment);

/** What the front end gets no answer from. */
export const away = followStanding(warroomLink, environment.now);

actor.subscribe(() => {
  warroomLink.restart();
  chatLink.restart();
});
