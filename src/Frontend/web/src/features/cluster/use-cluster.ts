import { useQuery } from '@tanstack/react-query';
import { get } from '@/shared/api';
import type { ClusterOverview, OperatorCommand } from '@/shared/contracts';

/** Silos report once a second; while the page is hidden nobody looks and nothing is asked. */
const periodMs = 1_000;

export const useCluster = () =>
  useQuery({ queryKey: ['cluster'], queryFn: ({ signal }) => get<ClusterOverview>('/api/cluster', signal), refetchInterval: periodMs, refetchIntervalInBackground: false, staleTime: 0, retry: false });

export const useCommands = () =>
  useQuery({ queryKey: ['cluster', 'commands'], queryFn: ({ signal }) => get<readonly OperatorCommand[]>('/api/cluster/commands?limit=20', signal), refetchInterval: 5 * periodMs, refetchIntervalInBackground: false, staleTime: 0, retry: false });
