-- All that a process asks for in one turn of its event loop, in one round trip and one transaction. Within it, what workers
-- write comes first and newcomers last. Each part is null where there is nothing of its sort; its result has the same name.
CREATE FUNCTION darkroom.turn(sender text, owners text[], steps json DEFAULT NULL, reports json DEFAULT NULL,
  endings json DEFAULT NULL, releases json DEFAULT NULL, leases json DEFAULT NULL, begins json DEFAULT NULL,
  claims json DEFAULT NULL, submissions json DEFAULT NULL, opens boolean DEFAULT false) RETURNS json
LANGUAGE plpgsql SET enable_seqscan = off SET lock_timeout = '500ms' AS $$
DECLARE
  written json;
  reported json;
  ended json;
  released json;
  extended json;
  begun json;
  claimed json[];
  submitted json;
  c record;
  taken json;
  seen text[] := owners;
  claimable boolean := false;
  revoked text[] := '{}';
BEGIN
  IF opens THEN PERFORM darkroom.open_accounts(owners); END IF;
  PERFORM darkroom.lock_owners(owners);
  IF steps IS NOT NULL THEN written := darkroom.write_steps(steps); END IF;
  IF reports IS NOT NULL THEN reported := darkroom.report_progress(reports); END IF;
  IF endings IS NOT NULL THEN
    ended := darkroom.end_jobs(endings);
    claimable := json_array_length(ended -> 'woken') > 0;
  END IF;
  IF releases IS NOT NULL THEN
    released := darkroom.release_jobs(releases);
    claimable := true;
  END IF;
  IF leases IS NOT NULL THEN extended := darkroom.extend_leases(leases); END IF;
  IF begins IS NOT NULL THEN begun := darkroom.begin_runs(begins); END IF;
  IF claims IS NOT NULL THEN
    FOR c IN SELECT * FROM json_to_recordset(claims) AS a (kinds text[], tokens text[], expires_at bigint, at bigint) LOOP
      taken := darkroom.claim_jobs(c.kinds, c.tokens, c.expires_at, c.at);
      claimed := claimed || coalesce(taken, '{}'::json);
      IF taken IS NOT NULL THEN
        seen := seen || (SELECT array_agg(DISTINCT j ->> 'owner') FROM json_array_elements(taken -> 'jobs') AS j);
      END IF;
    END LOOP;
  END IF;
  IF submissions IS NOT NULL THEN
    submitted := darkroom.submit_jobs(submissions);
    claimable := claimable OR EXISTS (SELECT FROM darkroom.jobs WHERE waits_for = 'worker');
    IF json_array_length(submitted -> 'rest') > 0 THEN
      revoked := (SELECT array_agg(r -> 1 -> 'cleared' ->> 'token') FROM json_array_elements(submitted -> 'rest') AS r
        WHERE r -> 1 -> 'cleared' ->> 'token' IS NOT NULL);
    END IF;
  END IF;
  IF cardinality(seen) > 0 THEN PERFORM darkroom.tell(sender, seen, claimable, revoked); END IF;
  RETURN json_build_object('steps', written, 'reports', reported, 'endings', ended, 'releases', released,
    'leases', extended, 'begins', begun, 'claims', array_to_json(claimed), 'submissions', submitted);
END $$;
