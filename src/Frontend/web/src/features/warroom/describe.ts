import type { IncidentEvent } from '@/shared/contracts';
import { severityLooks, statusLooks } from '@/shared/ui/badges';

/** What happened, in one sentence without its author: for people who see the timeline, and, with the author before it, for those who hear it. */
export function describe(event: IncidentEvent): string {
  switch (event.kind) {
    case 'opened':
      return `opened the incident as ${severityLooks[event.severity].word.toLowerCase()}${event.service ? ` on ${event.service}` : ''}`;
    case 'posted':
      return 'wrote';
    case 'title_changed':
      return `changed the title from “${event.from}” to “${event.to}”`;
    case 'description_changed':
      return event.to ? 'changed the description' : 'removed the description';
    case 'severity_changed':
      return `changed the severity from ${severityLooks[event.from].word.toLowerCase()} to ${severityLooks[event.to].word.toLowerCase()}`;
    case 'status_changed':
      if (event.to === 'resolved') return 'resolved the incident';
      if (event.from === 'resolved') return 'reopened the incident';
      return `changed the status from ${statusLooks[event.from].word.toLowerCase()} to ${statusLooks[event.to].word.toLowerCase()}`;
    case 'services_linked':
      return `linked ${event.services.join(', ')}`;
    case 'alert_fired':
      return `alert ${event.alert.name} is firing`;
    case 'alert_resolved':
      return `alert ${event.alert.name} is over`;
    default:
      return unknownKind(event);
  }
}

/** Kinds are only ever added: a newer server may send one that this page does not know. */
const unknownKind = ({ kind }: { readonly kind: string }): string => `did something that this page does not know yet (${kind}); reload the page`;

export function spoken(event: IncidentEvent): string {
  const text = event.kind === 'posted' ? `: ${event.text.slice(0, 300)}` : '';
  return `${event.by.name} ${describe(event)}${text}`;
}
