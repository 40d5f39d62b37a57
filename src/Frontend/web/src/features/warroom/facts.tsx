import { Anchor, Badge, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { IncidentView } from '@/shared/contracts';
import { Markdown } from '@/shared/markdown/markdown';
import { AuthorName } from '@/shared/ui/author';
import { Ago, LocalTime } from '@/shared/ui/time';
import { ChangeFact } from './change-fact';
import { LinkServices } from './link-services';
import classes from './facts.module.css';

interface FactsProps {
  readonly incident: IncidentView;
  readonly onChanged: (incident: IncidentView) => void;
}

/** What is true now, beside what happened. */
export function Facts({ incident, onChanged }: FactsProps) {
  return (
    <Stack gap={16}>
      <ChangeFact incident={incident} onChanged={onChanged} />
      <Stack gap={16} component="dl" className={classes['facts']}>
        <Fact name="Services">
          <Group gap={4}>
            {incident.services.map((service) => (
              <Badge key={service} component={Link} to={`/services/${encodeURIComponent(service)}`} variant="default" radius="sm" tt="none" className={classes['service']}>
                {service}
              </Badge>
            ))}
            {incident.services.length === 0 && <Text c="dimmed">None linked</Text>}
          </Group>
          <LinkServices incident={incident} onChanged={onChanged} />
        </Fact>
        <Fact name="Started">
          <LocalTime at={incident.started_at} /> <Ago at={incident.started_at} className={classes['quiet']} />
        </Fact>
        <Fact name="Reported">
          <LocalTime at={incident.created_at} /> <span className={classes['quiet']}>by</span> <AuthorName author={incident.opened_by} />
        </Fact>
        {incident.resolved_at !== undefined && (
          <Fact name="Resolved">
            <LocalTime at={incident.resolved_at} />
          </Fact>
        )}
        {incident.description !== '' && (
          <Fact name="Description">
            <Markdown text={incident.description} />
          </Fact>
        )}
        <Fact name="Record">
          <Anchor href={`#e${incident.version}`} underline="always">{incident.version === 1 ? '1 event' : `${incident.version} events`}</Anchor> <span className={classes['quiet']}>last change</span> <Ago at={incident.updated_at} className={classes['quiet']} />
        </Fact>
      </Stack>
    </Stack>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt className={classes['name']}>{name}</dt>
      <dd className={classes['value']}>{children}</dd>
    </div>
  );
}
