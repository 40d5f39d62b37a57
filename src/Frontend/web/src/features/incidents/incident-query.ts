import type { InfiniteData } from '@tanstack/react-query';
import { call } from '@/shared/api';
import { incidentStatusValues, severityValues, type IncidentStatus, type IncidentSummary, type Severity } from '@/shared/contracts';

export interface IncidentFilter {
  readonly statuses: readonly IncidentStatus[];
  readonly severities: readonly Severity[];
  readonly service: string;
  readonly text: string;
}

export interface IncidentPage {
  readonly incidents: readonly IncidentSummary[];
  readonly total: number;
}

export const pageSize = 50;

/** Open incidents are what one comes for: they are the filter unless the address says otherwise. */
export const unresolved: readonly IncidentStatus[] = incidentStatusValues.filter((status) => status !== 'resolved');

const chosenOf = <T extends string>(values: readonly T[], asked: readonly string[]): readonly T[] => values.filter((value) => asked.includes(value));

/** The filter of an address: `?status=resolved&severity=high&service=api&q=disk`; `status=any` is all of them. */
export function filterOf(search: URLSearchParams): IncidentFilter {
  const status = search.getAll('status');
  const statuses = status.includes('any') ? incidentStatusValues : chosenOf(incidentStatusValues, status);
  return {
    statuses: statuses.length > 0 ? statuses : unresolved,
    severities: chosenOf(severityValues, search.getAll('severity')),
    service: search.get('service') ?? '',
    text: search.get('q') ?? '',
  };
}

export async function readIncidents(filter: IncidentFilter, offset: number, signal: AbortSignal): Promise<IncidentPage> {
  const query = new URLSearchParams({ limit: String(pageSize), offset: String(offset) });
  if (filter.statuses.length < incidentStatusValues.length) for (const status of filter.statuses) query.append('status', status);
  for (const severity of filter.severities) query.append('severity', severity);
  if (filter.service) query.set('service', filter.service);
  if (filter.text) query.set('q', filter.text);
  const { value, headers } = await call<readonly IncidentSummary[]>(`/api/incidents?${query}`, { signal });
  return { incidents: value, total: Number(headers.get('X-Total-Count') ?? offset + value.length) };
}

const matches = (filter: IncidentFilter, incident: IncidentSummary): boolean =>
  filter.statuses.includes(incident.status) &&
  (filter.severities.length === 0 || filter.severities.includes(incident.severity)) &&
  (filter.service === '' || filter.service === incident.service) &&
  filter.text === '';

/**
 * Puts news of one incident into a list that is held: newest change first, once. Of two versions the higher counts, so news that arrives late changes nothing.
 * Null: the list cannot tell (a text search), read it again.
 */
export function mergeIncident(data: InfiniteData<IncidentPage>, filter: IncidentFilter, news: IncidentSummary): InfiniteData<IncidentPage> | null {
  const held = data.pages.flatMap((page) => page.incidents).find((incident) => incident.id === news.id);
  if (held && held.version >= news.version) return data;
  if (filter.text !== '') return held ? replace(data, news) : null;
  const shown = matches(filter, news);
  const change = (shown ? 1 : 0) - (held ? 1 : 0);
  if (!held && !shown) return data;
  const pages = data.pages.map((page) => ({ total: page.total + change, incidents: page.incidents.filter((incident) => incident.id !== news.id) }));
  const [first, ...others] = pages;
  if (!first) return data;
  return { ...data, pages: shown ? [{ ...first, incidents: [news, ...first.incidents] }, ...others] : pages };
}

function replace(data: InfiniteData<IncidentPage>, news: IncidentSummary): InfiniteData<IncidentPage> {
  return { ...data, pages: data.pages.map((page) => ({ ...page, incidents: page.incidents.map((incident) => (incident.id === news.id ? news : incident)) })) };
}

/** The incidents of all pages, each once: a page read later may repeat what slid down meanwhile. */
export function allIncidents(data: InfiniteData<IncidentPage> | undefined): readonly IncidentSummary[] {
  const seen = new Set<string>();
  return (data?.pages ?? []).flatMap((page) => page.incidents).filter((incident) => !seen.has(incident.id) && seen.add(incident.id));
}
