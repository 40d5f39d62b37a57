import { IconAlertOctagon, IconAlertTriangle, IconCircleCheck, IconCircleDashed, IconCircleDot, IconEye, IconInfoCircle, IconSearch, IconTarget, IconUrgent, type Icon } from '@tabler/icons-react';
import type { IncidentStatus, ServiceHealth, Severity } from '../contracts';
import classes from './badges.module.css';

interface Look {
  readonly word: string;
  readonly icon: Icon;
  readonly tone: string;
}

/** Each severity has its own word and shape besides its colour. */
export const severityLooks: Readonly<Record<Severity, Look>> = {
  critical: { word: 'Critical', icon: IconUrgent, tone: 'critical' },
  high: { word: 'High', icon: IconAlertOctagon, tone: 'high' },
  medium: { word: 'Medium', icon: IconAlertTriangle, tone: 'medium' },
  low: { word: 'Low', icon: IconInfoCircle, tone: 'low' },
};

export const statusLooks: Readonly<Record<IncidentStatus, Look>> = {
  open: { word: 'Open', icon: IconCircleDashed, tone: 'strong' },
  investigating: { word: 'Investigating', icon: IconSearch, tone: 'strong' },
  identified: { word: 'Identified', icon: IconTarget, tone: 'strong' },
  monitoring: { word: 'Monitoring', icon: IconEye, tone: 'quiet' },
  resolved: { word: 'Resolved', icon: IconCircleCheck, tone: 'good' },
};

export const healthLooks: Readonly<Record<ServiceHealth, Look>> = {
  unknown: { word: 'Unknown', icon: IconCircleDashed, tone: 'quiet' },
  healthy: { word: 'Healthy', icon: IconCircleCheck, tone: 'good' },
  degraded: { word: 'Degraded', icon: IconAlertTriangle, tone: 'medium' },
  down: { word: 'Down', icon: IconUrgent, tone: 'critical' },
};

function LookBadge({ look }: { readonly look: Look }) {
  const Shape = look.icon;
  return (
    <span className={classes['look']} data-tone={look.tone}>
      <Shape size={16} stroke={2} aria-hidden />
      {look.word}
    </span>
  );
}

export const SeverityBadge = ({ severity }: { readonly severity: Severity }) => <LookBadge look={severityLooks[severity]} />;
export const StatusBadge = ({ status }: { readonly status: IncidentStatus }) => <LookBadge look={statusLooks[status]} />;
export const HealthBadge = ({ health }: { readonly health: ServiceHealth }) => <LookBadge look={healthLooks[health]} />;

/** A running dot that is a word too. */
export function RunningBadge({ running }: { readonly running: boolean }) {
  return <LookBadge look={running ? { word: 'Running', icon: IconCircleDot, tone: 'good' } : { word: 'Stopped', icon: IconCircleDashed, tone: 'quiet' }} />;
}
