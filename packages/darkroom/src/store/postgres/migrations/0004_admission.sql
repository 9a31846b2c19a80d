CREATE TYPE darkroom.submission AS (
  ord integer, id text, kind text, owner text, subject text, stale_after_ms bigint, idempotency_key text, input text,
  assets text[], price bigint, charge text, active_per_owner integer, running_per_owner integer, priority integer,
  run_at bigint, queue_timeout_ms bigint, timeout_ms bigint, max_attempts integer, expected_steps integer, at bigint,
  -- The offer to be claimed in the same commit; null without one.
  lease_token text, lease_expires_at bigint,
  -- The failure of a stale job that is cleared for this one.
  clear_error text
);

-- Writes the job, running at once where `offered` says so, and its hold. Whether it may, the caller has seen to.
CREATE FUNCTION darkroom.enter_job(s darkroom.submission, waits text, offered boolean) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  deadline bigint := CASE WHEN offered THEN s.at + s.timeout_ms ELSE s.run_at + s.queue_timeout_ms END;
  pays boolean := offered AND s.charge = 'on-start' AND s.price > 0;
  new_change bigint;
BEGIN
  INSERT INTO darkroom.jobs (id, kind, owner, subject, idempotency_key, status, waits_for, priority, run_at, input, price, held,
    charged, charge, running_per_owner, queue_timeout_ms, timeout_ms, attempt, claims, max_attempts, lease_token,
    lease_expires_at, deadline_at, due_at, change, created_at, started_at, expected_steps)
  VALUES (s.id, s.kind, s.owner, s.subject, s.idempotency_key, CASE WHEN offered THEN 'running' ELSE 'queued' END,
    CASE WHEN NOT offered THEN waits END, s.priority, s.run_at, s.input, s.price, CASE WHEN pays THEN 0 ELSE s.price END,
    CASE WHEN pays THEN s.price ELSE 0 END, s.charge, s.running_per_owner, s.queue_timeout_ms, s.timeout_ms,
    offered::integer, offered::integer, s.max_attempts, CASE WHEN offered THEN s.lease_token END,
    CASE WHEN offered THEN s.lease_expires_at END, deadline,
    CASE WHEN offered THEN least(s.lease_expires_at, deadline) WHEN waits = 'time' THEN least(s.run_at, deadline)
      ELSE deadline END,
    nextval('darkroom.changes'), s.at, CASE WHEN offered THEN s.at END, s.expected_steps)
  RETURNING change INTO new_change;
  IF s.price > 0 THEN
    INSERT INTO darkroom.entries (owner, type, posted, held, job_id, created_at)
      VALUES (s.owner, 'hold', 0, s.price, s.id, s.at);
  END IF;
  IF pays THEN
    INSERT INTO darkroom.entries (owner, type, posted, held, job_id, created_at)
      VALUES (s.owner, 'capture', -s.price, -s.price, s.id, s.at);
    UPDATE darkroom.accounts SET posted = posted - s.price WHERE owner = s.owner;
  ELSIF s.price > 0 THEN
    UPDATE darkroom.accounts SET held = held + s.price WHERE owner = s.owner;
  END IF;
  RETURN new_change;
END $$;

-- The active job of a subject, were it in the way: a conflict, or null. One older than `stale_after_ms` is not.
CREATE FUNCTION darkroom.conflict_of(active darkroom.jobs, stale_after_ms bigint, at bigint) RETURNS json
LANGUAGE plpgsql AS $$
DECLARE
  age_ms bigint := at - coalesce(active.retried_at, active.created_at);
BEGIN
  IF active.id IS NULL OR age_ms > stale_after_ms THEN RETURN NULL; END IF;
  RETURN json_build_object('code', 'conflict', 'kind', active.kind,
    'data', json_build_object('jobId', active.id, 'jobStatus', active.status, 'ageMs', age_ms));
END $$;

-- The owner's limit: a refusal, or null.
CREATE FUNCTION darkroom.refuse_room(of_owner text, of_kind text, most integer) RETURNS json LANGUAGE plpgsql AS $$
DECLARE
  active integer;
BEGIN
  IF most IS NULL THEN RETURN NULL; END IF;
  -- Counted to the limit first: nobody else has to wait for a count of thousands.
  IF (SELECT count(*) FROM (SELECT FROM darkroom.jobs WHERE owner = of_owner AND kind = of_kind AND finished_at IS NULL
    LIMIT most) AS j) < most THEN RETURN NULL; END IF;
  SELECT count(*) INTO active FROM darkroom.jobs WHERE owner = of_owner AND kind = of_kind AND finished_at IS NULL;
  RETURN json_build_object('code', 'too_many_active', 'data', json_build_object('limit', most, 'active', active));
END $$;

CREATE FUNCTION darkroom.refuse_hold(of_owner text, needed bigint) RETURNS json LANGUAGE plpgsql AS $$
DECLARE
  available bigint;
BEGIN
  IF needed = 0 THEN RETURN NULL; END IF;
  SELECT posted - held INTO available FROM darkroom.accounts WHERE owner = of_owner;
  IF coalesce(available, 0) >= needed THEN RETURN NULL; END IF;
  RETURN json_build_object('code', 'insufficient_credits',
    'data', json_build_object('needed', needed, 'available', coalesce(available, 0)));
END $$;

-- Ends a stuck job of a subject. The result is what listeners are told.
CREATE FUNCTION darkroom.clear_job(stuck darkroom.jobs, failure text, at bigint) RETURNS json LANGUAGE plpgsql AS $$
DECLARE
  result json;
BEGIN
  result := darkroom.end_jobs(json_build_array(json_build_object('ord', 0, 'owner', stuck.owner, 'id', stuck.id,
    'status', 'failed', 'error', failure, 'due', 0, 'at', at)));
  RETURN json_build_object('id', stuck.id, 'kind', stuck.kind, 'token', stuck.lease_token,
    'change', result -> 'ended' -> 0 -> 1, 'woken', result -> 'woken');
END $$;

-- Admission of one: key → assets → subject → limit → hold → row. A refusal is returned, and leaves nothing.
CREATE FUNCTION darkroom.admit(s darkroom.submission, may_be_claimed boolean) RETURNS json LANGUAGE plpgsql AS $$
DECLARE
  known darkroom.jobs;
  stale darkroom.jobs;
  missing text;
  refused json;
  cleared json;
  waits text;
  offered boolean;
BEGIN
  -- Without its row there would be no lock (turn.ts opens it).
  PERFORM 1 FROM darkroom.accounts WHERE owner = s.owner;
  IF NOT FOUND THEN RAISE EXCEPTION 'Owner % has no account.', s.owner; END IF;
  IF s.idempotency_key IS NOT NULL THEN
    SELECT * INTO known FROM darkroom.jobs WHERE owner = s.owner AND idempotency_key = s.idempotency_key;
    IF FOUND AND known.kind = s.kind AND known.input = s.input THEN RETURN json_build_object('known', to_json(known)); END IF;
    IF FOUND THEN
      RETURN json_build_object('code', 'idempotency_mismatch', 'data', json_build_object('jobId', known.id));
    END IF;
  END IF;
  SELECT a INTO missing FROM unnest(s.assets) AS a
    WHERE NOT EXISTS (SELECT FROM darkroom.assets WHERE id = a AND owner = s.owner AND removed_at IS NULL) LIMIT 1;
  IF FOUND THEN RETURN json_build_object('code', 'not_found', 'asset', missing); END IF;
  IF s.subject IS NOT NULL THEN
    SELECT * INTO stale FROM darkroom.jobs WHERE owner = s.owner AND subject = s.subject AND finished_at IS NULL;
    refused := darkroom.conflict_of(stale, s.stale_after_ms, s.at);
    IF refused IS NOT NULL THEN RETURN refused; END IF;
  END IF;
  -- Clearing writes before the limit and the hold may still refuse: all of it, or nothing.
  BEGIN
    IF stale.id IS NOT NULL THEN cleared := darkroom.clear_job(stale, s.clear_error, s.at); END IF;
    refused := coalesce(darkroom.refuse_room(s.owner, s.kind, s.active_per_owner), darkroom.refuse_hold(s.owner, s.price));
    IF refused IS NOT NULL AND cleared IS NOT NULL THEN RAISE EXCEPTION USING ERRCODE = 'DR001'; END IF;
  EXCEPTION WHEN SQLSTATE 'DR001' THEN
  END;
  IF refused IS NOT NULL THEN RETURN refused; END IF;
  UPDATE darkroom.assets SET kept_at = s.at WHERE id = ANY (s.assets) AND kept_at IS NULL;
  waits := darkroom.waits_for(s.owner, s.kind, s.running_per_owner, s.run_at, s.at);
  offered := waits = 'worker' AND s.lease_token IS NOT NULL AND may_be_claimed;
  RETURN json_build_object('change', darkroom.enter_job(s, waits, offered), 'waitsFor', waits, 'claimed', offered,
    'cleared', cleared);
END $$;

-- Admission of many. Those that ask for nothing but room and credits, whose owners have enough of both for all of theirs, are
-- written in one pass; any other is admitted by itself, in the order in which it came.
CREATE FUNCTION darkroom.submit_jobs(given json) RETURNS json LANGUAGE plpgsql AS $$
DECLARE
  may_be_claimed boolean := NOT EXISTS (SELECT FROM darkroom.jobs WHERE waits_for = 'worker');
  plain json;
  done integer[];
  total integer;
  rest json[] := '{}';
  s darkroom.submission;
BEGIN
  WITH asked AS MATERIALIZED (
    SELECT g.*, may_be_claimed AND lease_token IS NOT NULL AS offered
    FROM json_populate_recordset(NULL::darkroom.submission, given) AS g
  ), of_kind AS (
    SELECT owner, kind, count(*) AS jobs, min(active_per_owner) AS most, sum(price) AS needed, bool_and(idempotency_key IS NULL
      AND subject IS NULL AND assets IS NULL AND running_per_owner IS NULL AND run_at <= at) AS is_plain
    FROM asked GROUP BY owner, kind
  ), fitting AS (
    SELECT k.owner FROM of_kind k CROSS JOIN LATERAL (
      SELECT posted - held AS available FROM darkroom.accounts WHERE owner = k.owner LIMIT 1
    ) AS a GROUP BY k.owner, available HAVING sum(needed) <= available AND bool_and(is_plain AND (most IS NULL
      OR jobs + (SELECT count(*) FROM (SELECT FROM darkroom.jobs j
        WHERE j.owner = k.owner AND j.kind = k.kind AND j.finished_at IS NULL LIMIT most) AS active) <= most))
  ), entering AS MATERIALIZED (
    SELECT asked.*, nextval('darkroom.changes') AS change,
      CASE WHEN offered THEN at + timeout_ms ELSE run_at + queue_timeout_ms END AS deadline,
      CASE WHEN offered AND charge = 'on-start' THEN price ELSE 0 END AS paid
    FROM asked WHERE owner IN (SELECT owner FROM fitting)
  ), jobs AS (
    INSERT INTO darkroom.jobs (id, kind, owner, status, waits_for, priority, run_at, input, price, held, charged, charge,
      queue_timeout_ms, timeout_ms, attempt, claims, max_attempts, lease_token, lease_expires_at, deadline_at, due_at, change,
      created_at, started_at, expected_steps)
    SELECT id, kind, owner, CASE WHEN offered THEN 'running' ELSE 'queued' END, CASE WHEN NOT offered THEN 'worker' END, priority,
      run_at, input, price, price - paid, paid, charge, queue_timeout_ms, timeout_ms, offered::integer, offered::integer,
      max_attempts, CASE WHEN offered THEN lease_token END, CASE WHEN offered THEN lease_expires_at END, deadline,
      CASE WHEN offered THEN least(lease_expires_at, deadline) ELSE deadline END, change, at, CASE WHEN offered THEN at END,
      expected_steps
    FROM entering
  ), entered AS (
    INSERT INTO darkroom.entries (owner, type, posted, held, job_id, created_at)
    SELECT owner, e.type, e.posted, e.held, id, at FROM entering CROSS JOIN LATERAL (
      VALUES ('hold', 0, price), ('capture', -paid, -paid)
    ) AS e (type, posted, held) WHERE e.held <> 0
  ), posted AS (
    UPDATE darkroom.accounts a SET posted = a.posted - d.paid, held = a.held + d.held
    FROM (SELECT owner, sum(paid) AS paid, sum(price - paid) AS held FROM entering WHERE price > 0 GROUP BY owner) AS d
    WHERE a.owner = d.owner
  )
  SELECT array_agg(ord), json_agg(json_build_array(ord,
    json_build_object('change', change, 'waitsFor', 'worker', 'claimed', offered))), (SELECT count(*) FROM asked)
  INTO done, plain, total FROM entering;
  IF coalesce(cardinality(done), 0) < total THEN
    FOR s IN
      SELECT * FROM json_populate_recordset(NULL::darkroom.submission, given) WHERE NOT ord = ANY (coalesce(done, '{}')) ORDER BY ord
    LOOP
      rest := rest || json_build_array(s.ord, darkroom.admit(s,
        may_be_claimed AND NOT EXISTS (SELECT FROM darkroom.jobs WHERE waits_for = 'worker')));
    END LOOP;
  END IF;
  RETURN json_build_object('plain', plain, 'rest', rest);
END $$;
