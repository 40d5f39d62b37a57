-- The membership of clusters of silos. The embedded engine reads and writes these tables and checks at start that their number is one that it knows.
-- Clusters with different ids live side by side. Heartbeats touch one row and no index, so they need room on its page and leave nothing behind.

CREATE TABLE orleans_schema (
  part text NOT NULL,
  number integer NOT NULL,
  CONSTRAINT orleans_schema_pk PRIMARY KEY (part),
  CONSTRAINT orleans_schema_number_ck CHECK (number > 0)
);

INSERT INTO orleans_schema (part, number) VALUES ('membership', 1);

-- Its row is locked by whatever changes who is in the cluster, so that every change has a version of its own.
CREATE TABLE orleans_clusters (
  cluster_id text NOT NULL,
  service_id text NOT NULL,
  version bigint NOT NULL,
  revision bigint NOT NULL,
  CONSTRAINT orleans_clusters_pk PRIMARY KEY (cluster_id),
  CONSTRAINT orleans_clusters_version_ck CHECK (version >= 0 AND revision >= version)
) WITH (fillfactor = 50);

-- active_from and active_until are the versions in which a silo became and ceased to be an owner of grains: every earlier view can be told from them.
CREATE TABLE orleans_members (
  cluster_id text NOT NULL,
  incarnation uuid NOT NULL,
  silo_address text NOT NULL,
  silo_name text NOT NULL,
  gateway_port integer NOT NULL,
  status text NOT NULL,
  started_at timestamptz NOT NULL,
  seen_at timestamptz NOT NULL,
  dead_at timestamptz,
  heartbeat bigint NOT NULL,
  active_from bigint,
  active_until bigint,
  handed_over bigint NOT NULL,
  held bigint[] NOT NULL,
  CONSTRAINT orleans_members_pk PRIMARY KEY (cluster_id, incarnation),
  CONSTRAINT orleans_members_address_uk UNIQUE (cluster_id, silo_address),
  CONSTRAINT orleans_members_cluster_fk FOREIGN KEY (cluster_id) REFERENCES orleans_clusters (cluster_id) ON DELETE CASCADE,
  CONSTRAINT orleans_members_status_ck CHECK (status IN ('Joining', 'Active', 'ShuttingDown', 'Dead')),
  CONSTRAINT orleans_members_dead_ck CHECK ((status = 'Dead') = (dead_at IS NOT NULL)),
  CONSTRAINT orleans_members_port_ck CHECK (gateway_port BETWEEN 0 AND 65535)
) WITH (fillfactor = 50);
