import { HttpTransportType, HubConnectionBuilder, LogLevel } from '@microsoft/signalr';
import { actorName } from '../identity';
import type { HubTransport } from './hub-link';

/** SignalR straight over a WebSocket: no negotiation, so that any front end may answer; reconnecting is the link's own business. */
export function signalrTransport(path: string): HubTransport {
  const connection = new HubConnectionBuilder()
    .withUrl(`${path}?actor=${encodeURIComponent(actorName())}`, { skipNegotiation: true, transport: HttpTransportType.WebSockets })
    .configureLogging(LogLevel.None)
    .build();
  connection.serverTimeoutInMilliseconds = 30_000;
  connection.keepAliveIntervalInMilliseconds = 10_000;
  return {
    start: () => connection.start(),
    stop: () => connection.stop(),
    invoke: (method, ...args) => connection.invoke(method, ...args),
    on: (method, handler) => {
      // A handler replaces the one before it, which SignalR would call as well.
      connection.off(method);
      connection.on(method, handler as (...args: unknown[]) => void);
    },
    onClose: (handler) => connection.onclose(handler),
  };
}
