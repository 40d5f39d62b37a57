import { Anchor, Button, Group, Stack, Table, Text, Title } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { get } from '@/shared/api';
import type { ServiceEntry } from '@/shared/contracts';
import { useVerbs } from '@/shared/keys/keys';
import { HealthBadge } from '@/shared/ui/badges';
import { ErrorNote } from '@/shared/ui/error-note';
import { usePageTitle } from '@/shared/ui/page-title';
import { SlowSkeleton } from '@/shared/ui/slow-skeleton';
import { ServiceDialog } from './service-dialog';
import classes from './services.module.css';

/** The catalogue. `/services/api` opens that service's entry over it. */
export function ServicesPage() {
  const { name } = useParams();
  const navigate = useNavigate();
  const services = useQuery({ queryKey: ['services'], queryFn: ({ signal }) => get<readonly ServiceEntry[]>('/api/services', signal) });
  const [registering, setRegistering] = useState(false);
  const chosen = services.data?.find((service) => service.name === name);
  const names = (services.data ?? []).map((service) => service.name);
  usePageTitle('Services');
  useVerbs('Services', [{ name: 'Register a service', key: 'c', run: () => setRegistering(true) }]);
  return (
    <main className={classes['page']}>
      <Group justify="space-between">
        <Title order={1} size="h3">
          Services
        </Title>
        <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setRegistering(true)}>
          Register a service
        </Button>
      </Group>
      {services.isPending && <SlowSkeleton />}
      {services.isError && <ErrorNote title="The services cannot be read." error={services.error} onRetry={() => void services.refetch()} />}
      {name !== undefined && services.isSuccess && !chosen && (
        <Text role="status">
          There is no service named <strong>{name}</strong> in the catalogue. It can be registered above.
        </Text>
      )}
      {services.data?.length === 0 && (
        <Stack align="flex-start" gap={8} py={32}>
          <Title order={2} size="h5">
            No service yet.
          </Title>
          <Text c="dimmed">Register what you run, and what it depends on: incidents can then be linked to it.</Text>
        </Stack>
      )}
      {services.data && services.data.length > 0 && <ServiceTable services={services.data} />}
      {registering && <ServiceDialog service={null} names={names} onClose={() => setRegistering(false)} />}
      {chosen && <ServiceDialog key={chosen.name} service={chosen} names={names} onClose={() => void navigate('/services')} />}
    </main>
  );
}

function ServiceTable({ services }: { readonly services: readonly ServiceEntry[] }) {
  return (
    <Table verticalSpacing={6} className={classes['table']}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Service</Table.Th>
          <Table.Th>Health</Table.Th>
          <Table.Th>Open incidents</Table.Th>
          <Table.Th>Owner</Table.Th>
          <Table.Th>Depends on</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {services.map((service) => (
          <Table.Tr key={service.name} className={classes['row']}>
            <Table.Td className={classes['name']}>
              <Anchor component={Link} to={`/services/${encodeURIComponent(service.name)}`} fw={600} c="inherit" className={classes['link']}>
                {service.name}
              </Anchor>{' '}
              {service.sample && <span className={classes['quiet']}>sample</span>}
              {service.description !== '' && (
                <Text size="sm" c="dimmed" lineClamp={2}>
                  {service.description}
                </Text>
              )}
            </Table.Td>
            <Table.Td>
              <HealthBadge health={service.health} />
            </Table.Td>
            <Table.Td data-label="Incidents">
              {service.open_incidents > 0 ? (
                <Anchor component={Link} to={`/?service=${encodeURIComponent(service.name)}`} className={classes['own']}>
                  {service.open_incidents} open
                </Anchor>
              ) : (
                <span className={classes['quiet']}>none</span>
              )}
            </Table.Td>
            <Table.Td data-label="Owner">{service.owner || <span className={classes['quiet']}>nobody</span>}</Table.Td>
            <Table.Td className={classes['persona']} data-label="Depends on">{service.depends_on.join(', ') || <span className={classes['quiet']}>nothing</span>}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
