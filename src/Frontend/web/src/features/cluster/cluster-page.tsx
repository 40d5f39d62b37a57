import { Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import type { ClusterOverview, SiloEntry } from '@/shared/contracts';
import { useVerbs } from '@/shared/keys/keys';
import { ErrorNote } from '@/shared/ui/error-note';
import { useNow } from '@/shared/ui/now';
import { usePageTitle } from '@/shared/ui/page-title';
import { SlowSkeleton } from '@/shared/ui/slow-skeleton';
import { CommandList } from './command-list';
import { DrainDialog } from './drain-dialog';
import { distinctName, formatCount, formatMs, formatRate, isDrainAsked, isThere } from './figures';
import { EndedSilos, SiloTable } from './silo-table';
import { useCluster } from './use-cluster';
import classes from './cluster.module.css';

/** Figures of this age are no longer those of now. */
const oldMs = 4_000;

/** The silos, what they do, and what an operator can ask of them. */
export function ClusterPage() {
  const { data, isPending, isError, error, refetch, dataUpdatedAt } = useCluster();
  const [chosen, setChosen] = useState<string | null>(null);
  const [draining, setDraining] = useState<SiloEntry | null>(null);
  const now = useNow();
  const there = data?.silos.filter(isThere) ?? [];
  const ended = data?.silos.filter((silo) => !isThere(silo)) ?? [];
  const age = data ? now - dataUpdatedAt : 0;
  const move = (by: number) => {
    const at = there.findIndex((silo) => silo.id === chosen);
    setChosen(there[Math.min(there.length - 1, Math.max(0, at + by))]?.id ?? null);
  };
  const chosenSilo = there.find((silo) => silo.id === chosen && !isDrainAsked(silo));
  usePageTitle('Cluster');
  useVerbs('Cluster', [
    { name: 'Next silo', key: 'j', keyOnly: true, run: () => move(1) },
    { name: 'Previous silo', key: 'k', keyOnly: true, run: () => move(-1) },
    { name: 'Drain the chosen silo', key: 'd', keyOnly: true, run: () => chosenSilo && setDraining(chosenSilo) },
    ...there.filter((silo) => !isDrainAsked(silo)).map((silo) => ({ name: `Drain ${distinctName(silo, there)}`, run: () => setDraining(silo) })),
  ]);
  return (
    <main className={classes['page']}>
      <div className={classes['head']}>
        <Title order={1} size="h3">
          Cluster
        </Title>
        {data && <Totals cluster={data} />}
      </div>
      {isPending && <SlowSkeleton rows={3} height={56} />}
      {isError && <ErrorNote title={data ? 'The cluster cannot be read now.' : 'The cluster cannot be read.'} error={error} kept={data ? `What is below was read ${formatMs(Math.max(0, age))} ago.` : undefined} onRetry={() => void refetch()} />}
      {data && there.length === 0 && (
        <Stack align="flex-start" gap={8} py={32} role="alert">
          <Title order={2} size="h5">
            No silo is running.
          </Title>
          <Text c="dimmed">Nobody gets an answer until one starts. What is stored is safe; start a silo, and pages go on by themselves.</Text>
        </Stack>
      )}
      <div data-old={(isError || age > oldMs) || undefined} className={classes['figures']}>
        {there.length > 0 && <SiloTable silos={there} chosen={chosen} onDrain={setDraining} />}
      </div>
      {ended.length > 0 && (
        <section className={classes['section']} aria-labelledby="cluster-ended">
          <Title order={2} size="h5" id="cluster-ended">
            Ended within the last hour
          </Title>
          <EndedSilos silos={ended} />
        </section>
      )}
      {data && <CommandList silos={data.silos} />}
      {draining && <DrainDialog silo={there.find((silo) => silo.id === draining.id) ?? draining} silos={there} onClose={() => setDraining(null)} />}
    </main>
  );
}

function Totals({ cluster: { totals } }: { readonly cluster: ClusterOverview }) {
  const parts = [
    `${formatCount(totals.active)} ${totals.active === 1 ? 'silo' : 'silos'} active`,
    ...(totals.draining > 0 ? [`${formatCount(totals.draining)} draining`] : []),
    ...(totals.stale > 0 ? [`${formatCount(totals.stale)} silent`] : []),
    `${formatCount(totals.activations)} grains in memory`,
    `${formatRate(totals.calls_per_second)} calls/s`,
    `${formatCount(totals.mailbox_depth)} waiting`,
  ];
  return (
    <Text size="sm" c="dimmed" data-testid="cluster-totals">
      {parts.join(' · ')}
    </Text>
  );
}
