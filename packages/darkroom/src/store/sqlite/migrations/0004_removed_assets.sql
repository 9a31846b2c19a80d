-- Since when nobody can read the asset. The row goes when its bytes are gone: whoever dies in between leaves a way to them.
ALTER TABLE assets ADD COLUMN removed_at INTEGER;
-- What a sweep finishes; as a rule there is nothing.
CREATE INDEX assets_removed ON assets (removed_at, created_at) WHERE removed_at IS NOT NULL;
-- Uploads that no job used yet, oldest first; without those that are removed already.
DROP INDEX assets_orphans;
CREATE INDEX assets_orphans ON assets (created_at) WHERE kept_at IS NULL AND removed_at IS NULL;
