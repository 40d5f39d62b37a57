import type { IncidentView } from '@/shared/contracts';

/** For `memo`: whether nothing changed but the number and time of the last event, which only the line that shows them needs. */
export function sameFacts(one: { readonly incident: IncidentView }, other: { readonly incident: IncidentView }): boolean {
  const keys = Object.keys(other.incident) as (keyof IncidentView)[];
  return keys.length === Object.keys(one.incident).length && keys.every((key) => key === 'version' || key === 'updated_at' || one.incident[key] === other.incident[key]);
}
