-- Owners whose everything was given to another, so that other processes end what watches as one of them. They are told of it
-- by a notification; who may have missed one reads the rows after the last that it has seen. Rows go after a day.
CREATE TABLE darkroom.transfers (
  id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  owner text COLLATE "C" NOT NULL,
  at    bigint NOT NULL
);
-- Nobody but Darkroom reads it, so there is no policy.
ALTER TABLE darkroom.transfers ENABLE ROW LEVEL SECURITY;

ALTER FUNCTION darkroom.transfer_owner(text, text, text, bigint) RENAME TO move_owner;

CREATE FUNCTION darkroom.transfer_owner(sender text, old_owner text, new_owner text, at bigint) RETURNS json
LANGUAGE plpgsql AS $$
DECLARE
  news json := darkroom.move_owner(sender, old_owner, new_owner, at);
  moved text := json_build_object('by', sender, 'owners', '[]'::json, 'claimable', false, 'revoked', '[]'::json,
    'moved', json_build_array(old_owner));
BEGIN
  -- Rows become visible in the order of their numbers, or who reads those after the last one would pass over some. Last of
  -- all locks, after those of the owners, so nobody who has it waits for anything.
  LOCK TABLE darkroom.transfers IN EXCLUSIVE MODE;
  DELETE FROM darkroom.transfers t WHERE t.at < transfer_owner.at - 86400000;
  INSERT INTO darkroom.transfers (owner, at) VALUES (old_owner, transfer_owner.at);
  -- A notification holds less than 8,000 bytes; without one, the row is found.
  IF octet_length(moved) < 8000 THEN PERFORM pg_notify('darkroom.news', moved); END IF;
  RETURN news;
END $$;
