-- What has ended since a watcher looked last, whoever's it is: after another process's commit a look reads what changed, not all that
-- the owner ever had. Change numbers only grow, so this grows at its end, by one entry for each job; with the owner in front it would
-- touch a page for each job of a burst.
CREATE INDEX jobs_ended ON jobs (change) WHERE finished_at IS NOT NULL;
