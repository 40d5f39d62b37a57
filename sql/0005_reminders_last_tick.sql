-- The last tick of each reminder that its grain has taken, so that whoever takes reminders over knows whether the tick that was due meanwhile was given.

ALTER TABLE orleans_reminders ADD COLUMN last_tick_at timestamptz;
