-- When the job was last tried again, so that its age as an active job counts from there: a job of last week that its owner has
-- just retried is not stuck. NULL, and no byte of the row, for all that never were.
ALTER TABLE jobs ADD COLUMN retried_at INTEGER;
