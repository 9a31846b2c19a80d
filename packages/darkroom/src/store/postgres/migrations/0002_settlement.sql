-- The transitions. Each function is called in a statement of its own, so it is atomic; it works on all rows of its sort in
-- one pass, since a statement costs more than a row.
--
-- LOCK ORDER. The row in `accounts` is the lock of all that is an owner's: jobs, steps, entries. Every transition takes it
-- first, before it looks at anything else, and those of several owners take them in the order of the owners' names:
--
--     accounts of the owners, sorted ─► jobs ─► steps ─► entries ─► accounts again (held already)
--
-- Whoever cannot know the owners beforehand (claims, sweeps) takes their locks with SKIP LOCKED, which never waits. So no
-- two transactions ever wait for each other. Each statement in a function has a snapshot of its own (READ COMMITTED), so
-- what is read after the lock is the latest, and nobody else can change it any more: limits, places, fences and balances
-- are exact without further locks. Nor can a row move: it is found by its key once, and written by its `ctid`.
--
-- PLANS are made when tables may still be empty, and kept. So nothing is left to the planner that would be slow later: rows
-- are looked up one by one (LATERAL … LIMIT 1 cannot become a join of whole tables) with `enable_seqscan` off (0007_turn.sql), by
-- their key alone: asked for what waits as well, the planner may walk a small index of all that waits.

CREATE FUNCTION darkroom.lock_owners(owners text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM darkroom.accounts WHERE owner = ANY (owners) ORDER BY owner FOR NO KEY UPDATE;
END $$;

-- Makes the rows that are to be locked. In a statement before the one that locks them: who waits here, for another that makes
-- the same row, must not hold a lock yet.
CREATE FUNCTION darkroom.open_accounts(owners text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO darkroom.accounts (owner) SELECT DISTINCT o FROM unnest(owners) AS o ORDER BY o ON CONFLICT DO NOTHING;
END $$;

-- What other processes are told at the commit: whose jobs changed (null: more than fit, so anyone's), whether something
-- waits for a worker, and the leases that were taken away. `sender` is the process that knows already.
CREATE FUNCTION darkroom.tell(sender text, owners text[], claimable boolean, revoked text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  news text;
BEGIN
  -- None is not "any may have been": that would make every other process look after all of its leases.
  revoked := coalesce(array_remove(revoked, NULL), '{}');
  news := json_build_object('by', sender, 'owners', owners, 'claimable', claimable, 'revoked', revoked);
  -- A notification holds less than 8,000 bytes (https://www.postgresql.org/docs/current/sql-notify.html).
  IF octet_length(news) >= 8000 THEN
    news := json_build_object('by', sender, 'owners', null, 'claimable', claimable,
      'revoked', CASE WHEN cardinality(revoked) <= 200 THEN revoked END);
  END IF;
  PERFORM pg_notify('darkroom.news', news);
END $$;

-- Whether one more job of the kind may run for the owner.
CREATE FUNCTION darkroom.has_place(of_owner text, of_kind text, most integer) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  RETURN (SELECT count(*) FROM (SELECT FROM darkroom.jobs WHERE owner = of_owner AND kind = of_kind
    AND running_per_owner IS NOT NULL AND (lease_token IS NOT NULL OR waits_for = 'worker') LIMIT most) AS taken) < most;
END $$;

-- What a job that becomes queued now has to wait for.
CREATE FUNCTION darkroom.waits_for(of_owner text, of_kind text, most integer, run_at bigint, at bigint) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
  IF run_at > at THEN RETURN 'time'; END IF;
  IF most IS NULL OR darkroom.has_place(of_owner, of_kind, most) THEN RETURN 'worker'; END IF;
  RETURN 'owner';
END $$;

-- A place came free: the owner's next job of the kind takes it. The result is its id and change number, or null.
CREATE FUNCTION darkroom.pass_on(of_owner text, of_kind text, most integer) RETURNS json LANGUAGE plpgsql AS $$
DECLARE
  next_id text;
  next_change bigint;
BEGIN
  SELECT id INTO next_id FROM darkroom.jobs WHERE waits_for = 'owner' AND owner = of_owner AND kind = of_kind
    ORDER BY priority DESC, run_at, id LIMIT 1;
  IF NOT FOUND OR NOT darkroom.has_place(of_owner, of_kind, most) THEN RETURN NULL; END IF;
  UPDATE darkroom.jobs SET waits_for = 'worker', change = nextval('darkroom.changes')
    WHERE owner = of_owner AND id = next_id RETURNING change INTO next_change;
  RETURN json_build_object('owner', of_owner, 'id', next_id, 'kind', of_kind, 'change', next_change);
END $$;

CREATE TYPE darkroom.ending AS (
  ord integer, owner text, id text,
  -- The fence; null where nobody's lease is asked: the owner's wish, the sweeper, a newer submit.
  token text,
  status text, output text, error text,
  -- Credits that were delivered.
  due bigint,
  at bigint
);

-- Every way into a final status: status, settlement of the hold, change number and the owner's place move together, so a
-- hold cannot be resolved twice, nor be left open. The rules are those of credits/settlement.ts. What is not in the result
-- is not active any more, or its token is not the job's.
CREATE FUNCTION darkroom.end_jobs(given json) RETURNS json LANGUAGE plpgsql AS $$
DECLARE
  ended json;
  freed json;
  woken json[] := '{}';
  place record;
  next json;
BEGIN
  WITH settled AS MATERIALIZED (
    SELECT g.*, j.*, nextval('darkroom.changes') AS change,
      least(held, greatest(0, due - charged)) AS captured,
      -- Also what an earlier life of the job was charged.
      greatest(0, charged - due) AS refunded
    FROM json_populate_recordset(NULL::darkroom.ending, given) AS g CROSS JOIN LATERAL (
      SELECT ctid AS place, kind, held, charged, running_per_owner, lease_token, finished_at FROM darkroom.jobs
      WHERE owner = g.owner AND id = g.id LIMIT 1
    ) AS j WHERE finished_at IS NULL AND (token IS NULL OR lease_token = token)
  ), finished AS (
    UPDATE darkroom.jobs j SET status = s.status, waits_for = NULL, output = s.output, error = s.error, held = 0,
      charged = s.charged + s.captured - s.refunded, lease_token = NULL, lease_expires_at = NULL, change = s.change,
      finished_at = s.at
    FROM settled s WHERE j.ctid = s.place
  ), entered AS (
    INSERT INTO darkroom.entries (owner, type, posted, held, job_id, created_at)
    SELECT s.owner, e.type, e.posted, e.held, s.id, s.at FROM settled s CROSS JOIN LATERAL (
      VALUES ('capture', -s.captured, -s.captured), ('release', 0, s.captured - s.held), ('refund', s.refunded, 0)
    ) AS e (type, posted, held) WHERE e.posted <> 0 OR e.held <> 0
  ), posted AS (
    UPDATE darkroom.accounts a SET posted = a.posted + d.posted, held = a.held - d.held FROM (
      SELECT owner, sum(refunded - captured) AS posted, sum(held) AS held FROM settled
      WHERE held > 0 OR refunded > 0 GROUP BY owner
    ) AS d WHERE a.owner = d.owner
  )
  SELECT json_agg(json_build_array(ord, change, kind, lease_token)),
    json_agg(json_build_object('owner', owner, 'kind', kind, 'most', running_per_owner) ORDER BY ord)
      FILTER (WHERE running_per_owner IS NOT NULL)
  INTO ended, freed FROM settled;
  IF freed IS NOT NULL THEN
    FOR place IN SELECT * FROM json_to_recordset(freed) AS f (owner text, kind text, most integer) LOOP
      next := darkroom.pass_on(place.owner, place.kind, place.most);
      IF next IS NOT NULL THEN woken := woken || next; END IF;
    END LOOP;
  END IF;
  RETURN json_build_object('ended', ended, 'woken', woken);
END $$;
