-- A job with its steps in one column, as the reads give it (rows.ts).
CREATE FUNCTION darkroom.read_job(viewer text, job_id text) RETURNS json LANGUAGE plpgsql AS $$
BEGIN
  RETURN (SELECT to_jsonb(j) || jsonb_build_object('steps', darkroom.steps_of(j.id)::text)
    FROM darkroom.jobs j WHERE j.owner = viewer AND j.id = read_job.job_id);
END $$;

CREATE FUNCTION darkroom.steps_of(of_job text) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT coalesce(json_agg(json_build_array(name, position, status, attempts, output, error, preview, change, started_at, finished_at)
    ORDER BY position), '[]'::json) FROM darkroom.steps WHERE job_id = of_job
$$;

-- Ends an active job at its owner's wish; one that is final already is returned as it is.
CREATE FUNCTION darkroom.cancel_job(sender text, viewer text, job_id text, failure text, due bigint, at bigint) RETURNS json
LANGUAGE plpgsql AS $$
DECLARE
  j darkroom.jobs;
  result json;
BEGIN
  PERFORM darkroom.lock_owners(ARRAY[viewer]);
  SELECT * INTO j FROM darkroom.jobs WHERE owner = viewer AND id = job_id;
  IF NOT FOUND THEN RETURN NULL; END IF;
  IF j.finished_at IS NULL THEN
    result := darkroom.end_jobs(json_build_array(json_build_object('ord', 0, 'owner', viewer, 'id', job_id,
      'status', 'cancelled', 'error', failure, 'due', due, 'at', at)));
    PERFORM darkroom.tell(sender, ARRAY[viewer], json_array_length(result -> 'woken') > 0, ARRAY[j.lease_token]);
  END IF;
  RETURN json_build_object('job', darkroom.read_job(viewer, job_id), 'token', j.lease_token, 'result', result);
END $$;

CREATE FUNCTION darkroom.clear_subject(sender text, viewer text, of_subject text, failure text, at bigint) RETURNS json
LANGUAGE plpgsql AS $$
DECLARE
  stuck darkroom.jobs;
  cleared json;
BEGIN
  PERFORM darkroom.lock_owners(ARRAY[viewer]);
  SELECT * INTO stuck FROM darkroom.jobs WHERE owner = viewer AND subject = of_subject AND finished_at IS NULL;
  IF NOT FOUND THEN RETURN NULL; END IF;
  cleared := darkroom.clear_job(stuck, failure, at);
  PERFORM darkroom.tell(sender, ARRAY[viewer], json_array_length(cleared -> 'woken') > 0, ARRAY[stuck.lease_token]);
  RETURN json_build_object('job', darkroom.read_job(viewer, stuck.id), 'cleared', cleared);
END $$;

-- A failed or cancelled job again: with a new hold of what is not paid, its completed steps kept and its failed ones forgotten.
CREATE FUNCTION darkroom.retry_job(sender text, viewer text, of_job text, active_per_owner integer, at bigint) RETURNS json
LANGUAGE plpgsql AS $$
DECLARE
  j darkroom.jobs;
  in_the_way darkroom.jobs;
  refused json;
  needed bigint;
  waits text;
BEGIN
  PERFORM darkroom.lock_owners(ARRAY[viewer]);
  SELECT * INTO j FROM darkroom.jobs WHERE owner = viewer AND id = of_job;
  IF NOT FOUND THEN RETURN NULL; END IF;
  IF j.status NOT IN ('failed', 'cancelled') THEN
    RETURN json_build_object('code', 'invalid_transition', 'status', j.status);
  END IF;
  IF j.subject IS NOT NULL THEN
    SELECT * INTO in_the_way FROM darkroom.jobs WHERE owner = viewer AND subject = j.subject AND finished_at IS NULL;
    refused := darkroom.conflict_of(in_the_way, NULL, at);
  END IF;
  needed := j.price - j.charged;
  refused := coalesce(refused, darkroom.refuse_room(viewer, j.kind, active_per_owner), darkroom.refuse_hold(viewer, needed));
  IF refused IS NOT NULL THEN RETURN refused; END IF;
  IF needed > 0 THEN
    UPDATE darkroom.accounts SET held = held + needed WHERE owner = viewer;
    INSERT INTO darkroom.entries (owner, type, posted, held, job_id, created_at)
      VALUES (viewer, 'hold', 0, needed, of_job, at);
  END IF;
  waits := darkroom.waits_for(viewer, j.kind, j.running_per_owner, at, at);
  DELETE FROM darkroom.steps WHERE job_id = of_job AND status <> 'completed';
  -- Whatever runs it had belong to an earlier life.
  UPDATE darkroom.jobs SET status = 'queued', waits_for = waits, run_at = at, held = needed, attempt = 0, started_at = NULL,
    finished_at = NULL, error = NULL, progress = NULL, message = NULL, deadline_at = at + queue_timeout_ms,
    due_at = at + queue_timeout_ms, retried_at = at, sent_change = NULL, sends = NULL, send_at = NULL,
    change = nextval('darkroom.changes') WHERE owner = viewer AND id = of_job;
  PERFORM darkroom.tell(sender, ARRAY[viewer], waits = 'worker', NULL);
  RETURN json_build_object('job', darkroom.read_job(viewer, of_job));
END $$;

-- Removes a final job and its steps. The ledger keeps what it cost, under the owner alone.
CREATE FUNCTION darkroom.delete_job(sender text, viewer text, of_job text) RETURNS json LANGUAGE plpgsql AS $$
DECLARE
  removed json;
  j darkroom.jobs;
BEGIN
  PERFORM darkroom.lock_owners(ARRAY[viewer]);
  SELECT * INTO j FROM darkroom.jobs WHERE owner = viewer AND id = of_job;
  IF NOT FOUND THEN RETURN NULL; END IF;
  IF j.finished_at IS NULL THEN RETURN json_build_object('code', 'invalid_transition', 'status', j.status); END IF;
  removed := darkroom.read_job(viewer, of_job);
  UPDATE darkroom.entries SET job_id = NULL WHERE owner = viewer AND job_id = of_job AND posted <> 0;
  DELETE FROM darkroom.steps WHERE job_id = of_job;
  DELETE FROM darkroom.jobs WHERE owner = viewer AND id = of_job;
  UPDATE darkroom.accounts SET change = nextval('darkroom.changes') WHERE owner = viewer;
  PERFORM darkroom.tell(sender, ARRAY[viewer], false, NULL);
  RETURN json_build_object('job', removed, 'change', currval('darkroom.changes'));
END $$;

-- Once per owner and key; negative amounts take.
CREATE FUNCTION darkroom.grant_credits(sender text, of_owner text, amount bigint, of_key text, at bigint) RETURNS json
LANGUAGE plpgsql AS $$
DECLARE
  a darkroom.accounts;
BEGIN
  PERFORM darkroom.open_accounts(ARRAY[of_owner]);
  PERFORM darkroom.lock_owners(ARRAY[of_owner]);
  SELECT * INTO a FROM darkroom.accounts WHERE owner = of_owner;
  IF NOT EXISTS (SELECT FROM darkroom.entries WHERE owner = of_owner AND key = of_key) THEN
    IF a.posted - a.held + amount < 0 THEN
      RETURN json_build_object('code', 'insufficient_credits',
        'data', json_build_object('needed', -amount, 'available', a.posted - a.held));
    END IF;
    UPDATE darkroom.accounts SET posted = posted + amount WHERE owner = of_owner RETURNING * INTO a;
    INSERT INTO darkroom.entries (owner, type, posted, held, key, created_at) VALUES (of_owner, 'grant', amount, 0, of_key, at);
  END IF;
  RETURN json_build_object('posted', a.posted, 'held', a.held);
END $$;

-- Everything of one owner becomes another's. Keys and subjects that the new owner uses already are dropped from what moves
-- in. A running job goes on under its lease where the new owner has a running place for it; what has none is taken from its
-- worker, and stands in line with all that waited for one. The result is what listeners are told.
CREATE FUNCTION darkroom.transfer_owner(sender text, old_owner text, new_owner text, at bigint) RETURNS json
LANGUAGE plpgsql AS $$
DECLARE
  moved record;
  in_line json[] := '{}';
  news json[] := '{}';
  next json;
  goes_on boolean;
  told text;
  waits text;
  old_account darkroom.accounts;
BEGIN
  PERFORM darkroom.open_accounts(ARRAY[old_owner, new_owner]);
  PERFORM darkroom.lock_owners(ARRAY[old_owner, new_owner]);
  UPDATE darkroom.jobs SET idempotency_key = NULL WHERE owner = old_owner AND idempotency_key IN
    (SELECT idempotency_key FROM darkroom.jobs WHERE owner = new_owner AND idempotency_key IS NOT NULL);
  UPDATE darkroom.jobs SET subject = NULL WHERE owner = old_owner AND finished_at IS NULL AND subject IN
    (SELECT subject FROM darkroom.jobs WHERE owner = new_owner AND subject IS NOT NULL AND finished_at IS NULL);
  FOR moved IN SELECT * FROM darkroom.jobs WHERE owner = old_owner ORDER BY change LOOP
    goes_on := moved.lease_token IS NOT NULL
      AND (moved.running_per_owner IS NULL OR darkroom.has_place(new_owner, moved.kind, moved.running_per_owner));
    waits := CASE WHEN goes_on OR (moved.lease_token IS NULL AND moved.waits_for IS DISTINCT FROM 'worker') THEN NULL
      WHEN moved.running_per_owner IS NULL THEN 'worker' ELSE 'owner' END;
    IF waits IS NULL THEN
      UPDATE darkroom.jobs SET owner = new_owner, change = nextval('darkroom.changes') WHERE owner = old_owner AND id = moved.id;
    ELSE
      UPDATE darkroom.jobs SET owner = new_owner, change = nextval('darkroom.changes'), status = 'queued', waits_for = waits,
        attempt = attempt - (lease_token IS NOT NULL)::integer, lease_token = NULL, lease_expires_at = NULL,
        due_at = deadline_at WHERE owner = old_owner AND id = moved.id;
      IF waits = 'owner' THEN
        in_line := in_line || json_build_object('kind', moved.kind, 'most', moved.running_per_owner);
      END IF;
    END IF;
    IF goes_on THEN
      INSERT INTO darkroom.moved_leases VALUES (moved.lease_token, new_owner, moved.id)
        ON CONFLICT (token) DO UPDATE SET owner = excluded.owner;
    END IF;
    news := news || json_build_object('owner', new_owner, 'id', moved.id, 'kind', moved.kind,
      'status', CASE WHEN waits IS NULL THEN moved.status ELSE 'queued' END,
      'token', CASE WHEN NOT goes_on THEN moved.lease_token END, 'moved', CASE WHEN goes_on THEN moved.lease_token END,
      'claimable', coalesce(waits = 'worker', false), 'change', currval('darkroom.changes'));
  END LOOP;
  FOR moved IN SELECT kind, most FROM unnest(in_line) AS i, json_to_record(i) AS l (kind text, most integer) LOOP
    next := darkroom.pass_on(new_owner, moved.kind, moved.most);
    IF next IS NOT NULL THEN news := news || (next::jsonb || '{"status": "queued", "claimable": true}')::json; END IF;
  END LOOP;
  UPDATE darkroom.assets SET owner = new_owner WHERE owner = old_owner;
  SELECT * INTO old_account FROM darkroom.accounts WHERE owner = old_owner;
  UPDATE darkroom.accounts SET posted = 0, held = 0 WHERE owner = old_owner;
  UPDATE darkroom.accounts SET posted = posted + old_account.posted, held = held + old_account.held WHERE owner = new_owner;
  -- What the moved jobs moved becomes the new owner's history; one entry each moves the rest.
  WITH following AS (
    UPDATE darkroom.entries SET owner = new_owner WHERE owner = old_owner AND posted <> 0 AND job_id IS NOT NULL
    RETURNING posted, held
  ), rest AS (
    SELECT old_account.posted - coalesce(sum(posted), 0) AS posted, old_account.held - coalesce(sum(held), 0) AS held
    FROM following
  )
  INSERT INTO darkroom.entries (owner, type, posted, held, created_at)
    SELECT owner, 'transfer', way * posted, way * held, at FROM rest, (VALUES (old_owner, -1), (new_owner, 1)) AS o (owner, way)
    WHERE posted <> 0 OR held <> 0;
  UPDATE darkroom.accounts SET change = nextval('darkroom.changes') WHERE owner = old_owner;
  -- What another transfer has in hand this moment is left to it: two that wait for each other's rows would wait for ever.
  DELETE FROM darkroom.moved_leases WHERE token IN (
    SELECT token FROM darkroom.moved_leases m WHERE NOT EXISTS (
      SELECT FROM darkroom.jobs j WHERE j.owner = m.owner AND j.id = m.job_id AND j.lease_token = m.token
    ) FOR UPDATE SKIP LOCKED
  );
  -- Rows become visible in the order of their numbers, or who reads those after the last one would pass over some. Last of
  -- all locks, after those of the owners, so nobody who has it waits for anything.
  LOCK TABLE darkroom.transfers IN EXCLUSIVE MODE;
  DELETE FROM darkroom.transfers t WHERE t.at < transfer_owner.at - 86400000;
  INSERT INTO darkroom.transfers (owner, at) VALUES (old_owner, transfer_owner.at);
  -- Not which leases: whoever holds some looks whether they are still theirs, and whose their jobs are now.
  told := json_build_object('by', sender, 'owners', ARRAY[old_owner, new_owner], 'claimable', true, 'revoked', null,
    'moved', ARRAY[old_owner]);
  -- A notification holds less than 8,000 bytes; who was moved is found in its row as well.
  IF octet_length(told) >= 8000 THEN
    told := json_build_object('by', sender, 'owners', null, 'claimable', true, 'revoked', null);
  END IF;
  PERFORM pg_notify('darkroom.news', told);
  RETURN array_to_json(news);
END $$;
