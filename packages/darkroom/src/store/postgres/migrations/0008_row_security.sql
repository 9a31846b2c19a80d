-- Row-level security, for roles that an app lets in beside Darkroom's own: they read what is the viewer's, and change nothing.
-- The tables' owner, which Darkroom connects as, is not bound by it. A role needs, from whoever runs the database,
--
--     GRANT USAGE ON SCHEMA darkroom TO app_reader;
--     GRANT SELECT ON darkroom.jobs, darkroom.steps, darkroom.accounts, darkroom.entries, darkroom.assets TO app_reader;
--
-- and says for whom it reads, in each transaction: SELECT set_config('darkroom.viewer', 'user-42', true).

-- Who reads; nobody, where nothing was said. An app whose database knows its users may replace the body, such as by
-- SELECT auth.uid()::text.
CREATE FUNCTION darkroom.viewer() RETURNS text LANGUAGE sql STABLE AS $$
  SELECT nullif(current_setting('darkroom.viewer', true), '')
$$;

ALTER TABLE darkroom.jobs ENABLE ROW LEVEL SECURITY;
ALTER TABLE darkroom.steps ENABLE ROW LEVEL SECURITY;
ALTER TABLE darkroom.accounts ENABLE ROW LEVEL SECURITY;
ALTER TABLE darkroom.entries ENABLE ROW LEVEL SECURITY;
ALTER TABLE darkroom.assets ENABLE ROW LEVEL SECURITY;
-- Nobody but Darkroom reads these, so there is no policy.
ALTER TABLE darkroom.moved_leases ENABLE ROW LEVEL SECURITY;
ALTER TABLE darkroom.transfers ENABLE ROW LEVEL SECURITY;

-- In a sub-select, so that it is asked once a query and not once a row.
CREATE POLICY viewers_jobs ON darkroom.jobs FOR SELECT USING (owner = (SELECT darkroom.viewer()));
CREATE POLICY viewers_account ON darkroom.accounts FOR SELECT USING (owner = (SELECT darkroom.viewer()));
CREATE POLICY viewers_entries ON darkroom.entries FOR SELECT USING (owner = (SELECT darkroom.viewer()));
CREATE POLICY viewers_assets ON darkroom.assets FOR SELECT
  USING (owner = (SELECT darkroom.viewer()) AND removed_at IS NULL);
CREATE POLICY viewers_steps ON darkroom.steps FOR SELECT USING (EXISTS (
  SELECT FROM darkroom.jobs j WHERE j.owner = (SELECT darkroom.viewer()) AND j.id = job_id
));
