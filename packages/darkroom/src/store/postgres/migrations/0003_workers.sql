-- Where the row of a job is that the token still holds; null where it does not. Nothing can move it under the owner's lock.
CREATE FUNCTION darkroom.find_held(of_owner text, of_job text, token text) RETURNS tid LANGUAGE plpgsql AS $$
BEGIN
  RETURN (SELECT ctid FROM darkroom.jobs WHERE owner = of_owner AND id = of_job AND lease_token = token);
END $$;

CREATE TYPE darkroom.step_write AS (
  ord integer, owner text, job_id text, token text,
  name text, "position" integer, status text, attempts integer,
  output text, error text, preview text,
  started_at bigint, finished_at bigint,
  -- Assets that the step stored.
  keeps text[]
);

CREATE TYPE darkroom.keeping AS (owner text, assets text[], at bigint);

-- Tries of steps as they begin and end. A completed step is never written over, whoever asks. The result is the change
-- number of each that was written.
CREATE FUNCTION darkroom.write_steps(given json) RETURNS json LANGUAGE plpgsql AS $$
DECLARE
  written json;
  keeping darkroom.keeping[];
  allowed integer;
  done integer;
BEGIN
  WITH fenced AS MATERIALIZED (
    SELECT s.*, nextval('darkroom.changes') AS change
    FROM json_populate_recordset(NULL::darkroom.step_write, given) AS s CROSS JOIN LATERAL (
      SELECT lease_token FROM darkroom.jobs WHERE owner = s.owner AND id = s.job_id LIMIT 1
    ) AS j WHERE lease_token = token
  ), steps AS (
    INSERT INTO darkroom.steps AS kept (job_id, name, position, status, attempts, output, error, preview, change, started_at,
      finished_at)
    SELECT job_id, name, position, status, attempts, output, error, preview, change, started_at, finished_at FROM fenced
    ON CONFLICT (job_id, name) DO UPDATE SET status = excluded.status, attempts = excluded.attempts, output = excluded.output,
      error = excluded.error, preview = coalesce(excluded.preview, kept.preview), change = excluded.change,
      started_at = excluded.started_at, finished_at = excluded.finished_at
    -- A worker that lost the answer, not the commit, asks again for the very same: that is done, and the job stays its own.
    WHERE kept.status <> 'completed' OR (excluded.status = 'completed' AND kept.output = excluded.output
      AND kept.attempts = excluded.attempts AND kept.finished_at = excluded.finished_at)
    RETURNING 1
  )
  SELECT json_agg(json_build_array(ord, change)), array_agg(ROW (owner, keeps, finished_at)::darkroom.keeping)
    FILTER (WHERE keeps IS NOT NULL), count(*), (SELECT count(*) FROM steps)
  INTO written, keeping, allowed, done FROM fenced;
  -- One of them is complete already. Which one, the caller learns by asking for each alone (turn.ts): this never happens to
  -- a worker that reads what it wrote.
  IF done < allowed AND allowed > 1 THEN RAISE EXCEPTION 'A step is complete already.'; END IF;
  IF done < allowed THEN RETURN NULL; END IF;
  IF keeping IS NOT NULL THEN
    UPDATE darkroom.assets a SET kept_at = k.at FROM unnest(keeping) AS k
    WHERE a.id = ANY (k.assets) AND a.owner = k.owner AND a.kept_at IS NULL;
  END IF;
  RETURN written;
END $$;

CREATE TYPE darkroom.report AS (
  ord integer, owner text, id text, token text, progress integer, message text
);

CREATE FUNCTION darkroom.report_progress(given json) RETURNS json LANGUAGE plpgsql AS $$
DECLARE
  reported json;
BEGIN
  WITH changed AS (
    UPDATE darkroom.jobs j SET progress = greatest(j.progress, r.progress), message = coalesce(r.message, j.message),
      change = nextval('darkroom.changes')
    FROM json_populate_recordset(NULL::darkroom.report, given) AS r CROSS JOIN LATERAL
      darkroom.find_held(r.owner, r.id, r.token) AS at_place
    WHERE j.ctid = at_place
    RETURNING r.ord, j.change
  )
  SELECT json_agg(json_build_array(ord, change)) INTO reported FROM changed;
  RETURN reported;
END $$;

CREATE TYPE darkroom.giving_back AS (
  ord integer, owner text, id text, token text, run_at bigint, at bigint
);

-- Back to the queue, at no cost of an attempt. A job that sleeps gives up its place; one that goes straight back keeps it.
CREATE FUNCTION darkroom.release_jobs(given json) RETURNS json LANGUAGE plpgsql AS $$
DECLARE
  back record;
  released json[] := '{}';
  woken json[] := '{}';
  next json;
BEGIN
  FOR back IN
    UPDATE darkroom.jobs j SET status = 'queued', waits_for = CASE WHEN r.run_at > r.at THEN 'time' ELSE 'worker' END,
      run_at = r.run_at, attempt = j.attempt - 1, lease_token = NULL, lease_expires_at = NULL,
      due_at = CASE WHEN r.run_at > r.at THEN least(r.run_at, j.deadline_at) ELSE j.deadline_at END,
      change = nextval('darkroom.changes')
    FROM json_populate_recordset(NULL::darkroom.giving_back, given) AS r CROSS JOIN LATERAL
      darkroom.find_held(r.owner, r.id, r.token) AS at_place
    WHERE j.ctid = at_place
    RETURNING r.ord, j.change, j.owner, j.kind, j.running_per_owner, j.waits_for
  LOOP
    released := released || json_build_array(back.ord, back.change, back.waits_for = 'worker');
    IF back.waits_for = 'time' AND back.running_per_owner IS NOT NULL THEN
      next := darkroom.pass_on(back.owner, back.kind, back.running_per_owner);
      IF next IS NOT NULL THEN woken := woken || next; END IF;
    END IF;
  END LOOP;
  RETURN json_build_object('released', released, 'woken', woken);
END $$;

CREATE TYPE darkroom.lease AS (
  owner text, id text, token text, expires_at bigint
);

-- One statement for all leases. The result is the tokens that are still their jobs'.
CREATE FUNCTION darkroom.extend_leases(given json) RETURNS json LANGUAGE plpgsql AS $$
DECLARE
  kept json;
BEGIN
  WITH extended AS (
    UPDATE darkroom.jobs j SET lease_expires_at = greatest(j.lease_expires_at, l.expires_at),
      due_at = least(greatest(j.lease_expires_at, l.expires_at), j.deadline_at)
    FROM json_populate_recordset(NULL::darkroom.lease, given) AS l CROSS JOIN LATERAL
      darkroom.find_held(l.owner, l.id, l.token) AS at_place
    WHERE j.ctid = at_place
    RETURNING j.lease_token
  )
  SELECT json_agg(lease_token) INTO kept FROM extended;
  RETURN kept;
END $$;

-- Gives jobs that wait for a worker, of owners whose locks are held, to leases: an attempt, a deadline with the first, and the
-- charge of what pays on start. The result is their rows, in the order in which they took the tokens.
CREATE FUNCTION darkroom.take_jobs(ids text[], owners text[], locked text[], tokens text[], expires_at bigint, at bigint)
RETURNS json LANGUAGE plpgsql AS $$
DECLARE
  taken json;
BEGIN
  WITH next AS MATERIALIZED (
    SELECT j.*, tokens[row_number() OVER (ORDER BY j.priority DESC, j.run_at, j.id)] AS token
    FROM unnest(ids, owners) AS c (id, owner) CROSS JOIN LATERAL (
      SELECT ctid AS place, owner, id, held, charge, deadline_at, timeout_ms, started_at, priority, run_at, waits_for
      FROM darkroom.jobs WHERE owner = c.owner AND id = c.id LIMIT 1
    ) AS j WHERE c.owner = ANY (locked) AND waits_for = 'worker'
  ), paid AS MATERIALIZED (
    SELECT owner, id, held FROM next WHERE charge = 'on-start' AND held > 0
  ), taken AS (
    UPDATE darkroom.jobs j SET status = 'running', waits_for = NULL, attempt = j.attempt + 1, claims = j.claims + 1,
      lease_token = n.token, lease_expires_at = take_jobs.expires_at,
      deadline_at = CASE WHEN n.started_at IS NULL THEN at + n.timeout_ms ELSE n.deadline_at END,
      due_at = least(take_jobs.expires_at, CASE WHEN n.started_at IS NULL THEN at + n.timeout_ms ELSE n.deadline_at END),
      started_at = coalesce(n.started_at, at),
      held = CASE WHEN n.charge = 'on-start' THEN 0 ELSE n.held END,
      charged = j.charged + CASE WHEN n.charge = 'on-start' THEN n.held ELSE 0 END,
      change = nextval('darkroom.changes')
    FROM next n WHERE j.ctid = n.place
    RETURNING j.*
  ), entered AS (
    INSERT INTO darkroom.entries (owner, type, posted, held, job_id, created_at)
    SELECT owner, 'capture', -held, -held, id, at FROM paid
  ), posted AS (
    UPDATE darkroom.accounts a SET posted = a.posted - p.held, held = a.held - p.held
    FROM (SELECT owner, sum(held) AS held FROM paid GROUP BY owner) AS p WHERE a.owner = p.owner
  )
  SELECT coalesce(json_agg(to_json(t) ORDER BY t.priority DESC, t.run_at, t.id), '[]') INTO taken FROM taken t;
  RETURN taken;
END $$;

-- The next jobs that wait for a worker. Their owners' locks are taken where nobody else has them: what is another's this
-- moment is left for the next claim, and `is_more` says so. The candidates are looked at once more under the lock.
CREATE FUNCTION darkroom.claim_jobs(kinds text[], tokens text[], expires_at bigint, at bigint) RETURNS json
LANGUAGE plpgsql AS $$
DECLARE
  most integer := cardinality(tokens);
  ids text[];
  owners text[];
  locked text[];
  claimed json;
BEGIN
  SELECT array_agg(h.id), array_agg(h.owner) INTO ids, owners FROM (
    SELECT j.id, j.owner FROM unnest(kinds) AS k (kind) CROSS JOIN LATERAL (
      SELECT id, owner, priority, run_at FROM darkroom.jobs
      WHERE waits_for = 'worker' AND kind = k.kind ORDER BY priority DESC, run_at, id LIMIT most
    ) AS j ORDER BY j.priority DESC, j.run_at, j.id LIMIT most
  ) AS h;
  IF ids IS NULL THEN RETURN NULL; END IF;
  SELECT array_agg(a.owner) INTO locked FROM (
    SELECT owner FROM darkroom.accounts WHERE owner = ANY (owners) FOR NO KEY UPDATE SKIP LOCKED
  ) AS a;
  claimed := darkroom.take_jobs(ids, owners, locked, tokens, expires_at, at);
  RETURN json_build_object('jobs', claimed,
    'is_more', json_array_length(claimed) < cardinality(ids));
END $$;
