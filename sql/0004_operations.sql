-- What operators see of silos and ask of them.
--
-- A silo overwrites its row once a second: no index but the key, and room on the page, so that an update touches one page and leaves nothing behind. `status` is the silo's own word; that it is dead is the
-- membership's to say, or its silence.
--
-- operator_commands is order book and audit trail in one: who asked for what and when, and what came of it. A silo finds its orders by the partial index of those that are not finished.

CREATE TABLE silo_reports (
  cluster_id text NOT NULL,
  silo_id text NOT NULL,
  name text NOT NULL,
  status text NOT NULL,
  started_at timestamptz NOT NULL,
  reported_at timestamptz NOT NULL,
  figures jsonb NOT NULL,
  CONSTRAINT silo_reports_pkey PRIMARY KEY (cluster_id, silo_id),
  CONSTRAINT silo_reports_status_known CHECK (status IN ('starting', 'active', 'draining', 'stopped'))
) WITH (fillfactor = 30);

CREATE TABLE operator_commands (
  id uuid NOT NULL,
  cluster_id text NOT NULL,
  kind text NOT NULL,
  silo_id text,
  grain_id text,
  requested_by text NOT NULL,
  requested_at timestamptz NOT NULL,
  started_at timestamptz,
  finished_at timestamptz,
  outcome text,
  CONSTRAINT operator_commands_pkey PRIMARY KEY (id),
  CONSTRAINT operator_commands_kind_known CHECK (kind IN ('drain', 'deactivate')),
  CONSTRAINT operator_commands_target CHECK ((kind = 'drain') = (silo_id IS NOT NULL) AND (kind = 'deactivate') = (grain_id IS NOT NULL)),
  CONSTRAINT operator_commands_outcome_known CHECK (outcome IN ('done', 'not_active', 'failed')),
  CONSTRAINT operator_commands_finished CHECK ((finished_at IS NULL) = (outcome IS NULL))
);

CREATE INDEX operator_commands_pending ON operator_commands (cluster_id, silo_id) WHERE finished_at IS NULL;
CREATE INDEX operator_commands_recent ON operator_commands (cluster_id, requested_at DESC);
