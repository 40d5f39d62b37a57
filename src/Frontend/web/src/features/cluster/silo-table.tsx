import { Button, Progress, Table } from '@mantine/core';
import { memo, useEffect, useRef } from 'react';
import type { SiloEntry } from '@/shared/contracts';
import { LocalTime } from '@/shared/ui/time';
import { distinctName, drainProgress, formatBytes, formatCount, formatMs, formatRate, formatUptime, isDrainAsked } from './figures';
import { SiloBadge } from './silo-badge';
import classes from './cluster.module.css';

const columns = ['Silo', 'Status', 'Uptime', 'Grains', 'Calls/s', 'p99', 'Waiting', 'Memory', 'CPU', 'Lease'] as const;

/** A lease is renewed each second; one this old is on its way to be lost. */
const lateLeaseMs = 2_500;

interface SiloTableProps {
  readonly silos: readonly SiloEntry[];
  readonly chosen: string | null;
  readonly onDrain: (silo: SiloEntry) => void;
}

/** The silos that are there. */
export function SiloTable({ silos, chosen, onDrain }: SiloTableProps) {
  return (
    <Table className={classes['table']} verticalSpacing={6} aria-label="Silos">
      <Table.Thead>
        <Table.Tr>
          {columns.map((column) => (
            <Table.Th key={column} className={columns.indexOf(column) > 3 ? classes['figure'] : undefined}>
              {column}
            </Table.Th>
          ))}
          <Table.Th>
            <span className={classes['hidden']}>Actions</span>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {silos.map((silo) => (
          <Row key={silo.id} silo={silo} name={distinctName(silo, silos)} chosen={silo.id === chosen} onDrain={onDrain} />
        ))}
      </Table.Tbody>
    </Table>
  );
}

const Row = memo(function Row({ silo, name, chosen, onDrain }: { readonly silo: SiloEntry; readonly name: string; readonly chosen: boolean; readonly onDrain: (silo: SiloEntry) => void }) {
  const row = useRef<HTMLTableRowElement>(null);
  useEffect(() => {
    if (chosen) row.current?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  const { figures } = silo;
  const progress = drainProgress(silo);
  const asked = isDrainAsked(silo);
  return (
    <Table.Tr ref={row} aria-selected={chosen} data-chosen={chosen || undefined} data-stale={silo.stale || undefined} data-testid={`silo-${silo.name}`}>
      <Table.Td className={classes['silo']}>
        <strong>{silo.name}</strong>
        <span className={classes['quiet']} title={silo.id}>
          {silo.address}
          {figures?.with_frontend && ' · with a front end'}
        </span>
      </Table.Td>
      <Table.Td className={classes['status']}>
        <SiloBadge silo={silo} />
        {silo.stale && <span className={classes['quiet']}>{silo.report_age_ms === undefined ? 'no report yet' : `last report ${formatMs(silo.report_age_ms)} ago`}</span>}
        {progress && <DrainBar name={name} {...progress} />}
        {asked && silo.status === 'active' && <span className={classes['quiet']}>drain asked for by {silo.drain?.requested_by}</span>}
      </Table.Td>
      <Figure label="Uptime" left>
        {figures && <span title={`Version ${figures.version}, process ${figures.process_id} on ${figures.machine}`}>{formatUptime(figures.uptime_seconds)}</span>}
      </Figure>
      <Table.Td className={classes['grains']} data-label="Grains">
        {figures && <strong>{formatCount(figures.activations)}</strong>}
        <span className={classes['quiet']}>{figures?.grains.map((grain) => `${grain.kind} ${formatCount(grain.count)}`).join(' · ')}</span>
      </Table.Td>
      <Figure label="Calls/s">{figures && formatRate(figures.calls_per_second)}</Figure>
      <Figure label="p99">{figures?.call_p99_ms !== undefined && <span title={`half of them within ${formatMs(figures.call_p50_ms ?? 0)}`}>{formatMs(figures.call_p99_ms)}</span>}</Figure>
      <Figure label="Waiting">{figures?.mailbox_depth !== undefined && formatCount(figures.mailbox_depth)}</Figure>
      <Figure label="Memory">{figures && <span title={`${formatBytes(figures.process.managed_bytes)} managed; collector paused ${figures.process.gc_pause_percent} %`}>{formatBytes(figures.process.working_set_bytes)}</span>}</Figure>
      <Figure label="CPU">{figures && <span title={`of one of ${figures.process.processors} processors`}>{formatCount(figures.process.cpu_percent)} %</span>}</Figure>
      <Figure label="Lease">{silo.lease_age_ms !== undefined && <span data-late={silo.lease_age_ms > lateLeaseMs || undefined}>{formatMs(silo.lease_age_ms)}</span>}</Figure>
      <Table.Td className={classes['actions']}>
        <Button size="compact-sm" variant="default" disabled={asked} onClick={() => onDrain(silo)} aria-label={`Drain ${name}`}>
          Drain
        </Button>
      </Table.Td>
    </Table.Tr>
  );
});

function Figure({ label, left = false, children }: { readonly label: string; readonly left?: boolean; readonly children: React.ReactNode }) {
  return (
    <Table.Td className={left ? classes['text'] : classes['figure']} data-label={label}>
      {children || <span className={classes['quiet']}>–</span>}
    </Table.Td>
  );
}

function DrainBar({ name, left, before, percent }: { readonly name: string; readonly left: number; readonly before: number; readonly percent: number }) {
  return (
    <span className={classes['drain']}>
      <Progress value={percent} size="sm" aria-label={`Drain of ${name}`} transitionDuration={0} />
      <span className={classes['quiet']}>
        {formatCount(before - left)} of {formatCount(before)} grains handed over
      </span>
    </span>
  );
}

/** Those that ended within the last hour. */
export function EndedSilos({ silos }: { readonly silos: readonly SiloEntry[] }) {
  return (
    <Table className={`${classes['table']} ${classes['short']}`} verticalSpacing={4} aria-label="Silos that ended">
      <Table.Tbody>
        {silos.map((silo) => (
          <Table.Tr key={silo.id} data-testid={`ended-${silo.name}`}>
            <Table.Td className={classes['silo']}>
              <strong>{silo.name}</strong>
              <span className={classes['quiet']}>{silo.id}</span>
            </Table.Td>
            <Table.Td>
              <SiloBadge silo={silo} />
            </Table.Td>
            <Table.Td className={classes['text']}>
              {silo.ended_at && <LocalTime at={silo.ended_at} />}
              {silo.drain?.finished_at && <span className={classes['quiet']}> drained by {silo.drain.requested_by}</span>}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
