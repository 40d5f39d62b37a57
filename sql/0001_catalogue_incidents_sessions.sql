-- The first tables: services, bots and alert routers (the state door), incidents and bot sessions (the log door).
--
-- State door: one row is one grain's state. `version` is the ETag. `write_id` is unique for each write, so that a writer whose connection broke around the
-- commit can tell whether the row is its own. A cleared state keeps its row with `state` null: versions never start again, so an old ETag never fits by accident.
--
-- Log door: one row is what the events of one log add up to; `version` is the number of the last event, `epoch` counts the activations that wrote, `writer` is the process that claimed
-- the epoch, `hash` is the last event's. Events and operations carry no foreign key to their owner: the only statement that inserts them writes the owner's row as well, and a key would
-- cost a lookup and a row lock for every event.
--
-- Typed columns are what lists and searches ask for; `state` is the whole state as JSON, and the grain reads nothing else.

CREATE TABLE services (
  key text NOT NULL,
  version bigint NOT NULL,
  write_id uuid NOT NULL,
  description text NOT NULL,
  owner text NOT NULL,
  depends_on jsonb NOT NULL,
  health text NOT NULL,
  sample boolean NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  state jsonb,
  CONSTRAINT services_pkey PRIMARY KEY (key),
  CONSTRAINT services_version_positive CHECK (version > 0),
  CONSTRAINT services_health_known CHECK (health IN ('unknown', 'healthy', 'degraded', 'down')),
  CONSTRAINT services_depends_on_array CHECK (jsonb_typeof(depends_on) = 'array')
);

CREATE TABLE bots (
  key text NOT NULL,
  version bigint NOT NULL,
  write_id uuid NOT NULL,
  name text NOT NULL,
  persona text NOT NULL,
  model text NOT NULL,
  status text NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  state jsonb,
  CONSTRAINT bots_pkey PRIMARY KEY (key),
  CONSTRAINT bots_version_positive CHECK (version > 0),
  CONSTRAINT bots_status_known CHECK (status IN ('running', 'stopped'))
);

CREATE TABLE bot_directory (
  key text NOT NULL,
  version bigint NOT NULL,
  write_id uuid NOT NULL,
  state jsonb,
  CONSTRAINT bot_directory_pkey PRIMARY KEY (key),
  CONSTRAINT bot_directory_version_positive CHECK (version > 0)
);

CREATE TABLE alert_routers (
  key text NOT NULL,
  version bigint NOT NULL,
  write_id uuid NOT NULL,
  state jsonb,
  CONSTRAINT alert_routers_pkey PRIMARY KEY (key),
  CONSTRAINT alert_routers_version_positive CHECK (version > 0)
);

CREATE TABLE incidents (
  id uuid NOT NULL,
  version bigint NOT NULL,
  epoch bigint NOT NULL,
  writer uuid NOT NULL,
  hash text NOT NULL,
  title text NOT NULL,
  description text NOT NULL,
  severity text NOT NULL,
  status text NOT NULL,
  service text,
  alerts_firing integer NOT NULL,
  created_at timestamptz NOT NULL,
  started_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  resolved_at timestamptz,
  state jsonb NOT NULL,
  CONSTRAINT incidents_pkey PRIMARY KEY (id),
  CONSTRAINT incidents_version_not_negative CHECK (version >= 0),
  CONSTRAINT incidents_epoch_positive CHECK (epoch > 0),
  CONSTRAINT incidents_hash_length CHECK (length(hash) = 64),
  CONSTRAINT incidents_severity_known CHECK (severity IN ('critical', 'high', 'medium', 'low')),
  CONSTRAINT incidents_status_known CHECK (status IN ('open', 'investigating', 'identified', 'monitoring', 'resolved')),
  CONSTRAINT incidents_resolved_at_with_status CHECK ((status = 'resolved') = (resolved_at IS NOT NULL)),
  CONSTRAINT incidents_alerts_firing_not_negative CHECK (alerts_firing >= 0)
);

-- Lists are read newest change first; filters on severity, status and text are applied on the way along this index.
CREATE INDEX incidents_updated_at_idx ON incidents (updated_at DESC, id DESC);

-- The active ones stay few while the resolved ones pile up.
CREATE INDEX incidents_active_idx ON incidents (updated_at DESC, id DESC) WHERE status <> 'resolved';

CREATE TABLE timeline_events (
  incident_id uuid NOT NULL,
  seq bigint NOT NULL,
  epoch bigint NOT NULL,
  hash text NOT NULL,
  -- json, not jsonb: the hash covers the text to the letter.
  body json NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT timeline_events_pkey PRIMARY KEY (incident_id, seq),
  CONSTRAINT timeline_events_seq_positive CHECK (seq > 0),
  CONSTRAINT timeline_events_epoch_positive CHECK (epoch > 0),
  CONSTRAINT timeline_events_hash_length CHECK (length(hash) = 64)
);

CREATE TABLE incident_operations (
  incident_id uuid NOT NULL,
  operation_id uuid NOT NULL,
  seq bigint NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT incident_operations_pkey PRIMARY KEY (incident_id, operation_id),
  CONSTRAINT incident_operations_seq_not_negative CHECK (seq >= 0)
);

-- The services of each incident. A service need not be registered, so its name is no foreign key.
CREATE TABLE incidents_services (
  incident_id uuid NOT NULL,
  service text NOT NULL,
  CONSTRAINT incidents_services_pkey PRIMARY KEY (incident_id, service)
);

CREATE INDEX incidents_services_service_idx ON incidents_services (service, incident_id);

CREATE TABLE bot_sessions (
  id uuid NOT NULL,
  version bigint NOT NULL,
  epoch bigint NOT NULL,
  writer uuid NOT NULL,
  hash text NOT NULL,
  bot_id text NOT NULL,
  title text NOT NULL,
  message_count integer NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  state jsonb NOT NULL,
  CONSTRAINT bot_sessions_pkey PRIMARY KEY (id),
  CONSTRAINT bot_sessions_version_not_negative CHECK (version >= 0),
  CONSTRAINT bot_sessions_epoch_positive CHECK (epoch > 0),
  CONSTRAINT bot_sessions_hash_length CHECK (length(hash) = 64),
  CONSTRAINT bot_sessions_message_count_not_negative CHECK (message_count >= 0)
);

CREATE INDEX bot_sessions_updated_at_idx ON bot_sessions (updated_at DESC, id DESC);

CREATE INDEX bot_sessions_bot_idx ON bot_sessions (bot_id, updated_at DESC, id DESC);

CREATE TABLE bot_session_events (
  session_id uuid NOT NULL,
  seq bigint NOT NULL,
  epoch bigint NOT NULL,
  hash text NOT NULL,
  body json NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT bot_session_events_pkey PRIMARY KEY (session_id, seq),
  CONSTRAINT bot_session_events_seq_positive CHECK (seq > 0),
  CONSTRAINT bot_session_events_epoch_positive CHECK (epoch > 0),
  CONSTRAINT bot_session_events_hash_length CHECK (length(hash) = 64)
);

CREATE TABLE bot_session_operations (
  session_id uuid NOT NULL,
  operation_id uuid NOT NULL,
  seq bigint NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT bot_session_operations_pkey PRIMARY KEY (session_id, operation_id),
  CONSTRAINT bot_session_operations_seq_not_negative CHECK (seq >= 0)
);

-- Owner rows are rewritten with every append; room on the page lets the small updates (a reply's text so far) stay on it, and autovacuum comes before the dead ones pile up.
ALTER TABLE incidents SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_limit = 1000);
ALTER TABLE bot_sessions SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_limit = 1000);
