import { Button, Group, Text, Title } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { useVerbs } from '@/shared/keys/keys';
import { ErrorNote } from '@/shared/ui/error-note';
import { usePageTitle } from '@/shared/ui/page-title';
import { SlowSkeleton } from '@/shared/ui/slow-skeleton';
import { Filters } from './filters';
import { IncidentTable } from './incident-table';
import { filterOf } from './incident-query';
import { ReportDialog } from './report-dialog';
import { useIncidents } from './use-incidents';
import classes from './incidents.module.css';

/** The start page: open incidents, newest change first. */
export function IncidentsPage() {
  const [search, setSearch] = useSearchParams();
  const navigate = useNavigate();
  const address = search.toString();
  const filter = useMemo(() => filterOf(new URLSearchParams(address)), [address]);
  const list = useIncidents(filter);
  const [chosen, setChosen] = useState<string | null>(null);
  const find = useRef<HTMLInputElement>(null);
  const reporting = search.has('report');
  usePageTitle('Incidents');

  const setReporting = (on: boolean) => {
    const next = new URLSearchParams(search);
    if (on) next.set('report', '1');
    else next.delete('report');
    setSearch(next, { replace: true });
  };
  const step = (by: number) => {
    const at = list.incidents.findIndex((incident) => incident.id === chosen);
    const next = list.incidents[Math.min(list.incidents.length - 1, Math.max(0, at + by))];
    if (next) setChosen(next.id);
  };
  useVerbs('Incidents', [
    { name: 'Report an incident', key: 'c', run: () => setReporting(true) },
    { name: 'Next incident', key: 'j', keyOnly: true, run: () => step(1) },
    { name: 'Previous incident', key: 'k', keyOnly: true, run: () => step(-1) },
    { name: 'Open the chosen incident', key: 'Enter', keyOnly: true, run: () => chosen !== null && void navigate(`/incidents/${chosen}`) },
    { name: 'Forget the choice', key: 'x', keyOnly: true, run: () => setChosen(null) },
    { name: 'Find incidents', key: '/', run: () => find.current?.focus() },
  ]);

  const more = useRef<HTMLDivElement>(null);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  useEffect(() => {
    const mark = more.current;
    if (!mark || !hasNextPage || isFetchingNextPage || typeof IntersectionObserver === 'undefined') return;
    const observer = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && void fetchNextPage(), { rootMargin: '400px' });
    observer.observe(mark);
    return () => observer.disconnect();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);

  const filtered = [...search.keys()].some((key) => key !== 'report');
  return (
    <main className={classes['page']}>
      <Group justify="space-between" gap={8}>
        <Title order={1} size="h3">
          Incidents
        </Title>
        <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setReporting(true)}>
          Report an incident
        </Button>
      </Group>
      <Filters search={search} setSearch={setSearch} filter={filter} findRef={find} total={list.isSuccess ? list.total : null} />
      {list.isPending && <SlowSkeleton rows={8} />}
      {list.isError && <ErrorNote title="The incidents cannot be read." error={list.error} kept={list.incidents.length > 0 ? 'The list below is as of the last time.' : undefined} onRetry={() => void list.refetch()} />}
      {list.incidents.length > 0 && <IncidentTable incidents={list.incidents} chosen={chosen} />}
      {list.isSuccess && list.incidents.length === 0 && (
        <section className={classes['empty']}>
          <Title order={2} size="h5">
            {filtered ? 'No incident matches.' : 'No open incident.'}
          </Title>
          <Text c="dimmed">{filtered ? 'Change the filters above, or look at all of them.' : 'All is quiet. When something breaks, report it here, or let Alertmanager do it.'}</Text>
          {filtered ? (
            <Button variant="default" onClick={() => setSearch(new URLSearchParams({ status: 'any' }))}>
              Show all incidents
            </Button>
          ) : (
            <Button variant="default" onClick={() => setReporting(true)}>
              Report an incident
            </Button>
          )}
        </section>
      )}
      <div ref={more}>
        {hasNextPage && (
          <Button variant="subtle" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            More incidents
          </Button>
        )}
      </div>
      {reporting && <ReportDialog onClose={() => setReporting(false)} />}
    </main>
  );
}
