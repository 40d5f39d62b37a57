import type { IncidentSummary } from './contracts';

const listeners = new Set<(news: IncidentSummary) => void>();

/** Calls back for each change of any incident that the server tells. */
export function onIncident(listener: (news: IncidentSummary) => void): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

export function tellIncident(news: IncidentSummary): void {
  for (const listener of [...listeners]) listener(news);
}
