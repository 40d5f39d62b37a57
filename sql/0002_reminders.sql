-- Reminders of grains: rows that outlive every process and tick whether or not their grain is active. The embedded engine reads and writes them;
-- the text is that of PostgresReminderTable.Ddl in src/Orleans.Embedded, which checks at start that the table is there.

CREATE TABLE orleans_reminders (
  service_id text NOT NULL,
  grain_id text NOT NULL,
  reminder_name text NOT NULL,
  start_at timestamptz NOT NULL,
  period interval NOT NULL,
  version bigint NOT NULL,
  CONSTRAINT orleans_reminders_pk PRIMARY KEY (service_id, grain_id, reminder_name),
  CONSTRAINT orleans_reminders_period_ck CHECK (period > interval '0')
);
