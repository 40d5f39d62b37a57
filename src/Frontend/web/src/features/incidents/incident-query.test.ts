import { describe, expect, it } from 'vitest';
import type { IncidentSummary } from '@/shared/contracts';
import { allIncidents, filterOf, mergeIncident, unresolved } from './incident-query';

const incident = (id: string, version: number, more: Partial<IncidentSummary> = {}): IncidentSummary => ({ id, version, title: id, description: '', severity: 'high', status: 'open', created_at: '', started_at: '', updated_at: '', alerts_firing: 0, ...more });
const data = (...incidents: IncidentSummary[]) => ({ pages: [{ incidents, total: incidents.length }], pageParams: [0] });
const open = filterOf(new URLSearchParams());
const ids = (list: ReturnType<typeof mergeIncident>) => allIncidents(list ?? undefined).map((each) => `${each.id}${each.version}`);

describe('the list of incidents', () => {
  it('shows what is not resolved unless the address says otherwise', () => {
    expect(open.statuses).toEqual(unresolved);
    expect(filterOf(new URLSearchParams('status=resolved&status=nonsense&severity=low&service=api&q=disk'))).toEqual({ statuses: ['resolved'], severities: ['low'], service: 'api', text: 'disk' });
  });

  it('puts the newest change first and counts it', () => {
    const merged = mergeIncident(data(incident('a', 1), incident('b', 1)), open, incident('b', 2));
    expect(ids(merged)).toEqual(['b2', 'a1']);
    const added = mergeIncident(data(incident('a', 1)), open, incident('c', 1));
    expect(ids(added)).toEqual(['c1', 'a1']);
    expect(added?.pages[0]?.total).toBe(2);
  });

  it('ignores news that is older than what it shows', () => {
    const list = data(incident('a', 5));
    expect(mergeIncident(list, open, incident('a', 4, { status: 'resolved' }))).toBe(list);
  });

  it('lets go of what no longer belongs to it', () => {
    const merged = mergeIncident(data(incident('a', 1), incident('b', 1)), open, incident('a', 2, { status: 'resolved' }));
    expect(ids(merged)).toEqual(['b1']);
    expect(merged?.pages[0]?.total).toBe(1);
  });

  it('reads again when it cannot tell whether words match', () => {
    expect(mergeIncident(data(), { ...open, text: 'disk' }, incident('x', 1))).toBeNull();
  });
});
