-- Jobs that a service runs: it is sent an event for each that waits for a worker, and calls back with a run, which is known by
-- the change for which its event was sent.
--
--     worker (change n) ──begin n──► running ──release──► time (sent for n) ──begin n──► running
--        ▲                              │                     │      └── no running place ──► owner
--        └───── change n + m ◄── swept ─┴─────────────────────┘
--
-- Whatever makes it wait for a worker anew takes another change, so a run of an earlier wait finds nothing to do. What waits is the
-- outbox itself: there is no row beside the job's that could say otherwise than it.

-- Jobs whose event is due, marked as sent. As in a claim, what is in another's hands this moment is left for the next look, and
-- `is_more` says so: under the owner's lock alone may a row be written, and the candidates are looked at once more there. Nobody who
-- watches the job sees any of it, so it takes no change number and tells nobody.
CREATE FUNCTION darkroom.take_dispatches(kinds text[], most integer, at bigint, first_ms bigint, most_ms bigint) RETURNS json
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  ids text[];
  owners text[];
  locked text[];
  taken json;
BEGIN
  SELECT array_agg(h.id), array_agg(h.owner) INTO ids, owners FROM (
    SELECT j.id, j.owner FROM unnest(kinds) AS k (kind) CROSS JOIN LATERAL (
      SELECT id, owner, CASE WHEN sent_change = change THEN send_at ELSE 0 END AS due, change FROM darkroom.jobs
      WHERE waits_for = 'worker' AND kind = k.kind AND (CASE WHEN sent_change = change THEN send_at ELSE 0 END) <= at
      ORDER BY (CASE WHEN sent_change = change THEN send_at ELSE 0 END), change LIMIT most
    ) AS j ORDER BY j.due, j.change LIMIT most
  ) AS h;
  IF ids IS NULL THEN RETURN '{"taken": [], "is_more": false}'; END IF;
  SELECT array_agg(a.owner) INTO locked FROM (
    SELECT owner FROM darkroom.accounts WHERE owner = ANY (owners) FOR NO KEY UPDATE SKIP LOCKED
  ) AS a;
  WITH due AS MATERIALIZED (
    SELECT j.*, CASE WHEN is_sent THEN sends ELSE 0 END + 1 AS times
    FROM unnest(ids, owners) WITH ORDINALITY AS c (id, owner, place) CROSS JOIN LATERAL (
      SELECT ctid, c.place, coalesce(sent_change = change, false) AS is_sent, sends, send_at, waits_for FROM darkroom.jobs
      WHERE owner = c.owner AND id = c.id LIMIT 1
    ) AS j WHERE c.owner = ANY (locked) AND waits_for = 'worker' AND (NOT is_sent OR send_at <= at)
  ), sent AS (
    UPDATE darkroom.jobs j SET sent_change = j.change, sends = d.times,
      -- Doubled no further than a number holds.
      send_at = at + least(most_ms, first_ms * (1::bigint << least(d.times - 1, 30)))
    FROM due d WHERE j.ctid = d.ctid
    RETURNING d.place, j.id, j.owner, j.kind, j.change, j.sends
  )
  SELECT coalesce(json_agg(json_build_object('jobId', id, 'owner', owner, 'kind', kind, 'change', change, 'sends', sends)
    ORDER BY place), '[]') INTO taken FROM sent;
  RETURN json_build_object('taken', taken, 'is_more', json_array_length(taken) < cardinality(ids));
END $$;

-- Whose a job is, of which only the id is known; null where there is none. What was never sent is no run's as a rule, and is looked
-- for among all jobs. In one statement, so of one moment: a job that is sent just now is in one of the halves.
CREATE FUNCTION darkroom.owner_of(of_job text) RETURNS text LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
BEGIN
  RETURN (SELECT owner FROM darkroom.jobs WHERE id = of_job AND sent_change IS NOT NULL
    UNION ALL SELECT owner FROM darkroom.jobs WHERE id = of_job AND sent_change IS NULL LIMIT 1);
END $$;

-- Whether the job is this run's to end: it runs under its token, or by its dispatch it is to begin or sleeps.
CREATE FUNCTION darkroom.is_of_run(j darkroom.jobs, token text, dispatch bigint) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN coalesce(CASE WHEN j.lease_token IS NOT NULL THEN j.lease_token = token
    WHEN j.waits_for = 'worker' THEN j.change = dispatch
    WHEN j.waits_for = 'time' THEN j.sent_change = dispatch END, false);
END $$;

CREATE TYPE darkroom.run_begin AS (
  ord integer, owner text, id text, token text, dispatch bigint, expires_at bigint, at bigint
);

-- Gives a job to its run, or lets that run go on. The result is the job, or the reason why not; `is_moved` where it is not this
-- owner's (any more), so that the lock that is held is not its own.
CREATE FUNCTION darkroom.begin_run(b darkroom.run_begin) RETURNS json LANGUAGE plpgsql AS $$
DECLARE
  j darkroom.jobs;
  waits text;
BEGIN
  SELECT * INTO j FROM darkroom.jobs WHERE owner = b.owner AND id = b.id;
  IF NOT FOUND THEN RETURN '{"is_moved": true}'; END IF;
  IF j.finished_at IS NOT NULL THEN RETURN '{"reason": "final"}'; END IF;
  IF j.lease_token <> b.token THEN RETURN '{"reason": "held"}'; END IF;
  IF j.lease_token = b.token THEN
    UPDATE darkroom.jobs SET lease_expires_at = greatest(lease_expires_at, b.expires_at),
      due_at = least(greatest(lease_expires_at, b.expires_at), deadline_at) WHERE owner = b.owner AND id = b.id;
    RETURN json_build_object('is_resumed', true, 'job', darkroom.read_job(b.owner, b.id));
  END IF;
  IF j.waits_for = 'worker' AND j.change <> b.dispatch THEN RETURN '{"reason": "superseded"}'; END IF;
  IF j.waits_for <> 'worker' THEN
    IF j.waits_for = 'owner' OR NOT darkroom.is_of_run(j, b.token, b.dispatch) THEN RETURN '{"reason": "waits"}'; END IF;
    -- As if its time had come.
    waits := darkroom.waits_for(j.owner, j.kind, j.running_per_owner, b.at, b.at);
    UPDATE darkroom.jobs SET waits_for = waits, run_at = least(run_at, b.at), due_at = deadline_at,
      change = nextval('darkroom.changes') WHERE owner = b.owner AND id = b.id;
    IF waits = 'owner' THEN
      RETURN json_build_object('reason', 'waits', 'kind', j.kind, 'change', currval('darkroom.changes'));
    END IF;
  END IF;
  -- The same run may have had the job before, as another owner's.
  DELETE FROM darkroom.moved_leases WHERE token = b.token;
  PERFORM darkroom.take_jobs(ARRAY[b.id], ARRAY[b.owner], ARRAY[b.owner], ARRAY[b.token], b.expires_at, b.at);
  RETURN json_build_object('is_resumed', false, 'job', darkroom.read_job(b.owner, b.id));
END $$;

CREATE FUNCTION darkroom.begin_runs(given json) RETURNS json LANGUAGE plpgsql AS $$
DECLARE
  b darkroom.run_begin;
  begun json[] := '{}';
BEGIN
  FOR b IN SELECT * FROM json_populate_recordset(NULL::darkroom.run_begin, given) LOOP
    begun := begun || json_build_array(b.ord, darkroom.begin_run(b));
  END LOOP;
  RETURN array_to_json(begun);
END $$;

-- Ends the job of a run that the service has ended by itself; null where it is not that run's. A failure before the run began is none
-- of the job's: it waits anew, so that another event is sent.
CREATE FUNCTION darkroom.end_run(sender text, of_owner text, of_job text, token text, dispatch bigint, new_status text,
  failure text, due bigint, at bigint) RETURNS json
LANGUAGE plpgsql AS $$
DECLARE
  j darkroom.jobs;
  result json;
BEGIN
  PERFORM darkroom.lock_owners(ARRAY[of_owner]);
  SELECT * INTO j FROM darkroom.jobs WHERE owner = of_owner AND id = of_job;
  IF NOT FOUND THEN RETURN '{"is_moved": true}'; END IF;
  IF NOT darkroom.is_of_run(j, token, dispatch) THEN RETURN NULL; END IF;
  IF j.waits_for = 'worker' AND new_status = 'failed' THEN
    UPDATE darkroom.jobs SET change = nextval('darkroom.changes') WHERE owner = of_owner AND id = of_job;
    PERFORM darkroom.tell(sender, ARRAY[of_owner], true, NULL);
    RETURN json_build_object('kind', j.kind, 'change', currval('darkroom.changes'));
  END IF;
  result := darkroom.end_jobs(json_build_array(json_build_object('ord', 0, 'owner', of_owner, 'id', of_job,
    'status', new_status, 'error', failure, 'due', due, 'at', at)));
  PERFORM darkroom.tell(sender, ARRAY[of_owner], json_array_length(result -> 'woken') > 0, ARRAY[j.lease_token]);
  RETURN json_build_object('job', darkroom.read_job(of_owner, of_job), 'token', j.lease_token, 'woken', result -> 'woken');
END $$;
