-- Jobs, by the number of the change that made them: a row is appended, the rows of a burst lie on few pages (what a
-- commit costs is the number of pages it touched), and no other row, nor any index, has to carry and compare the 22
-- characters of the id. A change number is never given twice, so what still names a deleted job can never mean another.
-- CHECKs are chains of OR: for an IN of more than two values SQLite builds a table in every statement that writes
-- the row, which doubled what each of them cost.
CREATE TABLE jobs (
  seq               INTEGER PRIMARY KEY,
  id                TEXT NOT NULL,
  kind              TEXT NOT NULL,
  owner             TEXT NOT NULL,
  subject           TEXT,
  idempotency_key   TEXT,
  status            TEXT NOT NULL CHECK ((status = 'queued' OR status = 'running' OR status = 'completed' OR status = 'failed' OR status = 'cancelled')),
  -- Set exactly while queued: what for. Claims look at 'worker' alone.
  waits_for         TEXT CHECK ((waits_for = 'time' OR waits_for = 'owner' OR waits_for = 'worker')),
  priority          INTEGER NOT NULL,
  run_at            INTEGER NOT NULL,
  input             TEXT NOT NULL,
  output            TEXT,
  error             TEXT,
  price             INTEGER NOT NULL CHECK (price >= 0),
  held              INTEGER NOT NULL CHECK (held >= 0),
  charged           INTEGER NOT NULL DEFAULT 0 CHECK (charged BETWEEN 0 AND price),
  charge            TEXT NOT NULL,
  running_per_owner INTEGER,
  queue_timeout_ms  INTEGER NOT NULL,
  timeout_ms        INTEGER NOT NULL,
  -- Claims in this life of the job that it has to answer for, and claims ever.
  attempt           INTEGER NOT NULL DEFAULT 0,
  claims            INTEGER NOT NULL DEFAULT 0,
  max_attempts      INTEGER NOT NULL,
  lease_token       TEXT,
  lease_expires_at  INTEGER,
  deadline_at       INTEGER NOT NULL,
  -- When the sweeper must look: the earliest of lease, deadline and (for 'time') run_at.
  due_at            INTEGER NOT NULL,
  progress          INTEGER,
  message           TEXT,
  change            INTEGER NOT NULL,
  created_at        INTEGER NOT NULL,
  started_at        INTEGER,
  finished_at       INTEGER,
  CHECK ((status = 'queued') = (waits_for IS NOT NULL)),
  CHECK ((status = 'running') = (lease_token IS NOT NULL)),
  CHECK (((status = 'queued' OR status = 'running')) = (finished_at IS NULL)),
  CHECK (finished_at IS NULL OR held = 0)
) STRICT;

-- The name by which everyone outside knows a job. Ids sort by time, so this grows at its end too.
CREATE UNIQUE INDEX jobs_id ON jobs (id);
-- An owner's active jobs of a kind: the limit at submit, and what a watcher may have missed. Small: only what is active.
CREATE INDEX jobs_active ON jobs (owner, kind) WHERE finished_at IS NULL;
-- The lock of a subject. Within an owner: nobody can lock, or learn of, what is another's.
CREATE UNIQUE INDEX jobs_subject ON jobs (owner, subject) WHERE subject IS NOT NULL AND finished_at IS NULL;
-- One job per key, for as long as the job is kept.
CREATE UNIQUE INDEX jobs_key ON jobs (owner, idempotency_key) WHERE idempotency_key IS NOT NULL;
-- What a claim reads, from its head, and nothing else.
CREATE INDEX jobs_claimable ON jobs (kind, priority DESC, run_at, id) WHERE waits_for = 'worker';
-- The next of an owner when one of its running places comes free.
CREATE INDEX jobs_backlog ON jobs (owner, kind, priority DESC, run_at, id) WHERE waits_for = 'owner';
-- Who holds the running places, for kinds that limit them.
CREATE INDEX jobs_places ON jobs (owner, kind) WHERE running_per_owner IS NOT NULL AND (lease_token IS NOT NULL OR waits_for = 'worker');
-- What the sweeper reads, from its head.
CREATE INDEX jobs_due ON jobs (due_at) WHERE finished_at IS NULL;
-- An owner's jobs, in the order of their ids, up to the one in `listed`: kept up in bulk (listing.ts), since an index would
-- touch a page for each job of a burst.
CREATE TABLE owner_jobs (
  owner  TEXT NOT NULL,
  job_id TEXT NOT NULL,
  PRIMARY KEY (owner, job_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE listed (
  up_to TEXT NOT NULL
) STRICT;
INSERT INTO listed (up_to) VALUES ('');

-- Steps, by the job's number and their place in it in one whole number (step-key.ts): a job's steps lie together and in
-- their order, and there is no text to compare. A name has the same place in every attempt, so a place is as good a key
-- as the name.
CREATE TABLE steps (
  key         INTEGER PRIMARY KEY,
  name        TEXT NOT NULL,
  status      TEXT NOT NULL CHECK ((status = 'running' OR status = 'completed' OR status = 'failed')),
  attempts    INTEGER NOT NULL,
  output      TEXT,
  error       TEXT,
  preview     TEXT,
  change      INTEGER NOT NULL,
  started_at  INTEGER NOT NULL,
  finished_at INTEGER
) STRICT;

-- Balances. The sums of an owner's entries, kept beside them so that admission is one conditional update.
CREATE TABLE accounts (
  owner  TEXT PRIMARY KEY NOT NULL,
  posted INTEGER NOT NULL CHECK (posted >= 0),
  held   INTEGER NOT NULL CHECK (held >= 0),
  CHECK (posted - held >= 0)
) STRICT, WITHOUT ROWID;

-- The ledger. Only ever added to; what a job moved goes along with it to a new owner.
CREATE TABLE entries (
  id         INTEGER PRIMARY KEY,
  owner      TEXT NOT NULL,
  type       TEXT NOT NULL CHECK ((type = 'grant' OR type = 'hold' OR type = 'capture' OR type = 'release' OR type = 'refund' OR type = 'transfer')),
  posted     INTEGER NOT NULL,
  held       INTEGER NOT NULL,
  -- The job's number.
  job        INTEGER,
  key        TEXT,
  created_at INTEGER NOT NULL
) STRICT;

-- What a job moved. Jobs end about in the order of their numbers, so this grows at its end; the same by owner would touch a
-- page for each job of a burst, and what a commit costs is the pages it touched.
CREATE INDEX entries_by_job ON entries (job) WHERE job IS NOT NULL AND posted <> 0;
-- What moved an owner's credits without a job that still is: grants, transfers, what deleted jobs cost.
CREATE INDEX entries_by_owner ON entries (owner, id) WHERE job IS NULL AND posted <> 0;
-- A grant is given once.
CREATE UNIQUE INDEX entries_key ON entries (owner, key) WHERE key IS NOT NULL;

CREATE TABLE assets (
  id           TEXT PRIMARY KEY NOT NULL,
  owner        TEXT NOT NULL,
  content_type TEXT NOT NULL,
  size         INTEGER NOT NULL,
  width        INTEGER,
  height       INTEGER,
  blur         TEXT,
  created_at   INTEGER NOT NULL,
  kept_at      INTEGER
) STRICT, WITHOUT ROWID;

-- For a guest who becomes somebody.
CREATE INDEX assets_by_owner ON assets (owner);
-- Uploads that no job used yet, oldest first.
CREATE INDEX assets_orphans ON assets (created_at) WHERE kept_at IS NULL;

-- The change number, taken in the transaction of the change. One writer at a time, so there are no gaps to wait for.
CREATE TABLE counters (
  name  TEXT PRIMARY KEY NOT NULL,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO counters (name, value) VALUES ('change', 0);
