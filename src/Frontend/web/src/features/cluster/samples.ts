import type { ClusterOverview, SiloEntry, SiloFigures } from '@/shared/contracts';

/** A silo for tests. */
export function silo(name: string, entry: Partial<SiloEntry> = {}, figures: Partial<SiloFigures> = {}): SiloEntry {
  return {
    id: `127.0.0.1:${11_111 + name.charCodeAt(0)}@7`,
    name,
    address: `127.0.0.1:${11_111 + name.charCodeAt(0)}`,
    status: 'active',
    stale: false,
    started_at: '2026-11-20T12:00:00Z',
    report_age_ms: 400,
    lease_age_ms: 700,
    ...entry,
    figures: {
      version: '1.0.0',
      machine: 'host-1',
      process_id: 4711,
      with_frontend: false,
      addresses: ['http://127.0.0.1:8081'],
      uptime_seconds: 3_849,
      process: { working_set_bytes: 314_572_800, managed_bytes: 104_857_600, processors: 2, cpu_percent: 37.5, gc_pause_percent: 0.2, gen0_collections: 12, gen1_collections: 3, gen2_collections: 1, threads: 9, queued_work: 0 },
      activations: 1_234,
      grains: [
        { kind: 'Incident', count: 1_200 },
        { kind: 'BotSession', count: 34 },
      ],
      calls_per_second: 812.5,
      call_p50_ms: 0.4,
      call_p99_ms: 12.4,
      mailbox_depth: 3,
      ...figures,
    },
  };
}

/** A cluster for tests. */
export function cluster(...silos: SiloEntry[]): ClusterOverview {
  const reporting = silos.filter((each) => !each.stale && each.figures);
  return {
    cluster_id: 'warroom',
    at: '2026-11-20T13:04:09Z',
    silos,
    totals: {
      active: silos.filter((each) => each.status === 'active' && !each.stale).length,
      draining: silos.filter((each) => each.status === 'draining').length,
      stale: silos.filter((each) => each.stale).length,
      activations: reporting.reduce((sum, each) => sum + (each.figures?.activations ?? 0), 0),
      calls_per_second: reporting.reduce((sum, each) => sum + (each.figures?.calls_per_second ?? 0), 0),
      mailbox_depth: reporting.reduce((sum, each) => sum + (each.figures?.mailbox_depth ?? 0), 0),
      grains: [{ kind: 'Incident', count: 1_200 }],
    },
  };
}
