-- How many steps a job's progress is counted against, as it was known at its submit. NULL for all that were submitted
-- before, and for the first of a kind.
ALTER TABLE jobs ADD COLUMN expected_steps INTEGER;
