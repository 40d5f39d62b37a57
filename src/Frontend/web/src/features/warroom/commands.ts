import { call, get } from '@/shared/api';
import type { ChangeIncidentRequest, IncidentView, ServiceEntry } from '@/shared/contracts';

export async function changeIncident(id: string, change: ChangeIncidentRequest, operationId: string): Promise<IncidentView> {
  return (await call<IncidentView>(`/api/incidents/${id}`, { method: 'PATCH', body: change, idempotencyKey: operationId })).value;
}

export async function linkServices(id: string, services: readonly string[], operationId: string): Promise<IncidentView> {
  return (await call<IncidentView>(`/api/incidents/${id}/services`, { method: 'POST', body: { services }, idempotencyKey: operationId })).value;
}

export const readServices = ({ signal }: { readonly signal: AbortSignal }): Promise<readonly ServiceEntry[]> => get('/api/services', signal);
