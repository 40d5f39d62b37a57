import { Anchor, Table } from '@mantine/core';
import { IconBellRinging } from '@tabler/icons-react';
import { memo, useEffect, useRef } from 'react';
import { Link } from 'react-router';
import type { IncidentSummary } from '@/shared/contracts';
import { SeverityBadge, StatusBadge } from '@/shared/ui/badges';
import { Ago } from '@/shared/ui/time';
import classes from './incidents.module.css';

interface IncidentTableProps {
  readonly incidents: readonly IncidentSummary[];
  readonly chosen: string | null;
}

export function IncidentTable({ incidents, chosen }: IncidentTableProps) {
  return (
    <Table className={classes['table']} highlightOnHover verticalSpacing={6}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Severity</Table.Th>
          <Table.Th>Incident</Table.Th>
          <Table.Th>Status</Table.Th>
          <Table.Th>Service</Table.Th>
          <Table.Th>Started</Table.Th>
          <Table.Th>Last change</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {incidents.map((incident) => (
          <Row key={incident.id} incident={incident} chosen={incident.id === chosen} />
        ))}
      </Table.Tbody>
    </Table>
  );
}

const Row = memo(function Row({ incident, chosen }: { readonly incident: IncidentSummary; readonly chosen: boolean }) {
  const row = useRef<HTMLTableRowElement>(null);
  useEffect(() => {
    if (chosen) row.current?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  return (
    <Table.Tr ref={row} aria-selected={chosen} data-chosen={chosen || undefined} className={classes['row']}>
      <Table.Td className={classes['severity']}>
        <SeverityBadge severity={incident.severity} />
      </Table.Td>
      <Table.Td className={classes['incident']}>
        <Anchor component={Link} to={`/incidents/${incident.id}`} className={classes['link']}>
          {incident.title}
        </Anchor>
        {incident.alerts_firing > 0 && (
          <span className={classes['firing']}>
            <IconBellRinging size={14} aria-hidden /> {incident.alerts_firing} firing
          </span>
        )}
      </Table.Td>
      <Table.Td>
        <StatusBadge status={incident.status} />
      </Table.Td>
      <Table.Td className={classes['service']}>{incident.service ?? <span className={classes['quiet']}>none</span>}</Table.Td>
      <Table.Td className={classes['started']}>
        <Ago at={incident.started_at} />
      </Table.Td>
      <Table.Td className={classes['changed']}>
        <Ago at={incident.updated_at} />
      </Table.Td>
    </Table.Tr>
  );
});
