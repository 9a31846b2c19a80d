CREATE FUNCTION darkroom.duration_words(ms bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN ms < 90000 THEN round(ms / 1000.0) || ' seconds' ELSE round(ms / 60000.0) || ' minutes' END
$$;

-- The net below every job: whatever dies, each active row has a time at which it is looked at again.
--
--     past its deadline          → failed, `timed_out`, everything released
--     lease expired              → queued again with its place; failed, `worker_lost`, after too many
--     waits for a time that came → waits for a worker, or for its owner's next place
--
-- At most `most` rows. Owners that someone else has locked this moment are left for the next sweep, so any number of
-- sweepers may run. `words` are the failures' messages, with places for what only the row knows.
CREATE FUNCTION darkroom.sweep(sender text, at bigint, most integer, words json) RETURNS json LANGUAGE plpgsql AS $$
DECLARE
  ids text[];
  owners text[];
  locked text[];
  one record;
  j darkroom.jobs;
  failure json;
  result json;
  waits text;
  news json[] := '{}';
  ended json[] := '{}';
  revoked text[] := '{}';
  returned integer := 0;
  woken integer := 0;
  claimable boolean := false;
BEGIN
  SELECT array_agg(d.id ORDER BY d.due_at), array_agg(d.owner ORDER BY d.due_at) INTO ids, owners FROM (
    SELECT id, owner, due_at FROM darkroom.jobs WHERE finished_at IS NULL AND due_at <= at ORDER BY due_at LIMIT most
  ) AS d;
  SELECT array_agg(a.owner) INTO locked FROM (
    SELECT owner FROM darkroom.accounts WHERE owner = ANY (owners) FOR NO KEY UPDATE SKIP LOCKED
  ) AS a;
  FOR one IN SELECT d.id, d.owner FROM unnest(ids, owners) WITH ORDINALITY AS d (id, owner, n)
    WHERE d.owner = ANY (locked) ORDER BY d.n
  LOOP
    SELECT * INTO j FROM darkroom.jobs WHERE owner = one.owner AND id = one.id AND finished_at IS NULL AND due_at <= at;
    CONTINUE WHEN NOT FOUND;
    IF j.deadline_at <= at OR (j.status = 'running' AND j.attempt >= j.max_attempts) THEN
      failure := CASE
        WHEN j.deadline_at > at THEN json_build_object('code', 'worker_lost', 'retryable', true,
          'message', replace(words ->> 'lost', '{attempts}', j.attempt::text))
        ELSE json_build_object('code', 'timed_out', 'retryable', true, 'message', replace(
          words ->> CASE WHEN j.started_at IS NULL THEN 'waited' ELSE 'ran' END, '{duration}',
          darkroom.duration_words(CASE WHEN j.started_at IS NULL THEN j.queue_timeout_ms ELSE j.timeout_ms END))) END;
      result := darkroom.end_jobs(json_build_array(json_build_object('ord', 0, 'owner', j.owner, 'id', j.id,
        'status', 'failed', 'error', failure::text, 'due', 0, 'at', at)));
      ended := ended || (SELECT to_json(e) FROM darkroom.jobs e WHERE e.owner = j.owner AND e.id = j.id);
      news := news || json_build_object('owner', j.owner, 'id', j.id, 'kind', j.kind, 'status', 'failed', 'ended', true,
        'token', j.lease_token, 'change', result -> 'ended' -> 0 -> 1);
      FOR result IN SELECT * FROM json_array_elements(result -> 'woken') LOOP
        claimable := true;
        news := news || (result::jsonb || '{"status": "queued", "claimable": true}')::json;
      END LOOP;
    ELSIF j.status = 'running' THEN
      UPDATE darkroom.jobs SET status = 'queued', waits_for = 'worker', run_at = at, lease_token = NULL,
        lease_expires_at = NULL, due_at = deadline_at, change = nextval('darkroom.changes')
        WHERE owner = j.owner AND id = j.id;
      news := news || json_build_object('owner', j.owner, 'id', j.id, 'kind', j.kind, 'status', 'queued', 'claimable', true,
        'token', j.lease_token, 'change', currval('darkroom.changes'));
      returned := returned + 1;
      claimable := true;
    ELSE
      waits := darkroom.waits_for(j.owner, j.kind, j.running_per_owner, j.run_at, at);
      UPDATE darkroom.jobs SET waits_for = waits, due_at = deadline_at, change = nextval('darkroom.changes')
        WHERE owner = j.owner AND id = j.id;
      news := news || json_build_object('owner', j.owner, 'id', j.id, 'kind', j.kind, 'status', 'queued',
        'claimable', waits = 'worker', 'change', currval('darkroom.changes'));
      woken := woken + 1;
      claimable := claimable OR waits = 'worker';
    END IF;
    IF j.lease_token IS NOT NULL THEN revoked := revoked || j.lease_token; END IF;
  END LOOP;
  IF cardinality(news) > 0 THEN
    PERFORM darkroom.tell(sender, (SELECT array_agg(DISTINCT n ->> 'owner') FROM unnest(news) AS n), claimable, revoked);
  END IF;
  RETURN json_build_object('ended', ended, 'returned', returned, 'woken', woken, 'news', news,
    'is_locked', coalesce(cardinality(ids), 0) > 0 AND coalesce(cardinality(locked), 0) = 0,
    'next_due_at', (SELECT min(due_at) FROM darkroom.jobs WHERE finished_at IS NULL));
END $$;
