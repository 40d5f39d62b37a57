import { IconAlertTriangle, IconCircleCheck, IconCircleDashed, IconCircleDot, IconCircleX, IconTransferOut, type Icon } from '@tabler/icons-react';
import type { SiloEntry, SiloState } from '@/shared/contracts';
import classes from './cluster.module.css';

interface Look {
  readonly word: string;
  readonly icon: Icon;
  readonly tone: string;
}

const looks: Readonly<Record<SiloState, Look>> = {
  starting: { word: 'Starting', icon: IconCircleDashed, tone: 'quiet' },
  active: { word: 'Active', icon: IconCircleDot, tone: 'good' },
  draining: { word: 'Draining', icon: IconTransferOut, tone: 'medium' },
  stopped: { word: 'Stopped', icon: IconCircleCheck, tone: 'quiet' },
  dead: { word: 'Dead', icon: IconCircleX, tone: 'critical' },
};

const silent: Look = { word: 'Silent', icon: IconAlertTriangle, tone: 'high' };

/** What a silo is doing, by word and shape; one that should have reported and did not is silent. */
export function SiloBadge({ silo }: { readonly silo: SiloEntry }) {
  const look = silo.stale ? silent : looks[silo.status];
  const Shape = look.icon;
  return (
    <span className={classes['look']} data-tone={look.tone}>
      <Shape size={16} stroke={2} aria-hidden />
      {look.word}
    </span>
  );
}
