import { useInfiniteQuery, useQueryClient, type InfiniteData } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { onIncident } from '@/shared/incident-news';
import { allIncidents, mergeIncident, pageSize, readIncidents, type IncidentFilter, type IncidentPage } from './incident-query';

/** The list, kept live by the hub and paged from the API. */
export function useIncidents(filter: IncidentFilter) {
  const client = useQueryClient();
  const key = useMemo(() => ['incidents', filter], [filter]);
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => readIncidents(filter, pageParam, signal),
    initialPageParam: 0,
    getNextPageParam: (last: IncidentPage, pages) => {
      const read = pages.reduce((sum, page) => sum + page.incidents.length, 0);
      return last.incidents.length < pageSize || read >= last.total ? undefined : read;
    },
  });
  useEffect(
    () =>
      onIncident((news) => {
        const data = client.getQueryData<InfiniteData<IncidentPage, number>>(key);
        if (!data) return;
        const merged = mergeIncident(data, filter, news);
        if (merged) client.setQueryData(key, merged);
        else void client.invalidateQueries({ queryKey: key });
      }),
    [client, key, filter],
  );
  return { ...query, incidents: allIncidents(query.data), total: query.data?.pages[0]?.total ?? 0 };
}
