-- A silo has at most one order to drain that is not finished: two operators who ask at once, in whatever processes, get the same one.
--
-- Programs before this one looked first and wrote then; what they may have left twice is closed here, the first order stays. They go on beside this one: their statements fit the new index, which also finds
-- the orders for which operator_commands_pending was there. The lock keeps them from writing between the two statements.

LOCK TABLE operator_commands IN SHARE ROW EXCLUSIVE MODE;

UPDATE operator_commands AS later
SET started_at = coalesce(later.started_at, later.requested_at), finished_at = now(), outcome = 'failed'
WHERE later.kind = 'drain' AND later.finished_at IS NULL AND EXISTS (
  SELECT FROM operator_commands AS first
  WHERE first.cluster_id = later.cluster_id AND first.silo_id = later.silo_id AND first.kind = 'drain' AND first.finished_at IS NULL
    AND (first.requested_at, first.id) < (later.requested_at, later.id)
);

CREATE UNIQUE INDEX operator_commands_one_drain ON operator_commands (cluster_id, silo_id) WHERE kind = 'drain' AND finished_at IS NULL;
DROP INDEX operator_commands_pending;
