-- Everything lies in one schema. These files are written for its default name; another one takes its place when they
-- are applied (schema.ts). Texts that are compared are COLLATE "C": ids sort by time byte by byte.
CREATE TABLE darkroom.migrations (
  version    integer PRIMARY KEY,
  applied_at timestamptz NOT NULL DEFAULT now()
);

-- Change numbers. Taken only while the owner's account is locked, so that an owner's numbers become visible in their
-- order: a watcher's cursor never passes a change that commits later.
CREATE SEQUENCE darkroom.changes;

-- Balances: the sums of an owner's entries, kept beside them so that admission is one conditional update. The row is also
-- the lock of everything that is this owner's, see 0002_settlement.sql.
CREATE TABLE darkroom.accounts (
  owner  text COLLATE "C" PRIMARY KEY,
  posted bigint NOT NULL DEFAULT 0 CHECK (posted >= 0),
  held   bigint NOT NULL DEFAULT 0 CHECK (held >= 0),
  -- The highest change number among what is no longer there: a cursor must not seem to be ahead of the owner's changes.
  change bigint NOT NULL DEFAULT 0,
  CHECK (posted - held >= 0)
) WITH (fillfactor = 50);

-- The key begins with the owner: whoever asks for a job names whose it is, and an owner's jobs, in the order of their
-- ids, are one range of it.
CREATE TABLE darkroom.jobs (
  id                text COLLATE "C" NOT NULL,
  kind              text COLLATE "C" NOT NULL,
  owner             text COLLATE "C" NOT NULL,
  subject           text COLLATE "C",
  idempotency_key   text COLLATE "C",
  status            text COLLATE "C" NOT NULL CHECK (status IN ('queued', 'running', 'completed', 'failed', 'cancelled')),
  -- Set exactly while queued: what for. Claims look at 'worker' alone.
  waits_for         text COLLATE "C" CHECK (waits_for IN ('time', 'owner', 'worker')),
  priority          integer NOT NULL,
  run_at            bigint NOT NULL,
  input             text NOT NULL,
  output            text,
  error             text,
  price             bigint  NOT NULL CHECK (price >= 0),
  held              bigint  NOT NULL CHECK (held >= 0),
  charged           bigint  NOT NULL DEFAULT 0 CHECK (charged BETWEEN 0 AND price),
  charge            text NOT NULL,
  running_per_owner integer,
  queue_timeout_ms  bigint NOT NULL,
  timeout_ms        bigint NOT NULL,
  -- Claims in this life of the job that it has to answer for, and claims ever.
  attempt           integer NOT NULL DEFAULT 0,
  claims            integer NOT NULL DEFAULT 0,
  max_attempts      integer NOT NULL,
  lease_token       text COLLATE "C",
  lease_expires_at  bigint,
  deadline_at       bigint NOT NULL,
  -- When the sweeper must look: the earliest of lease, deadline and (for 'time') run_at.
  due_at            bigint NOT NULL,
  -- What its progress is counted against, as it was known at the submit; null where nothing was.
  expected_steps    integer,
  progress          integer,
  message           text,
  change            bigint NOT NULL,
  created_at        bigint NOT NULL,
  started_at        bigint,
  finished_at       bigint,
  -- When it was last tried again: its age as an active job counts from there.
  retried_at        bigint,
  -- Of a job that waits for a worker and whose event is sent to a service (0009_runs.sql): the change for which it was sent, how
  -- often, and when it is sent again. Only of this wait where `sent_change` is the row's `change`. They stay as the job is claimed
  -- and released: by `sent_change` a run that put its job to sleep is known. Null for all whom the embedded engine runs.
  sent_change       bigint,
  sends             integer,
  send_at           bigint,
  PRIMARY KEY (owner, id),
  CHECK ((status = 'queued') = (waits_for IS NOT NULL)),
  CHECK ((status = 'running') = (lease_token IS NOT NULL)),
  CHECK ((status IN ('queued', 'running')) = (finished_at IS NULL)),
  CHECK (finished_at IS NULL OR held = 0)
);

-- An owner's active jobs of a kind: the limit at submit, and what a watcher may have missed. Small: only what is active.
CREATE INDEX jobs_active ON darkroom.jobs (owner, kind) WHERE finished_at IS NULL;
-- The lock of a subject. Within an owner: nobody can lock, or learn of, what is another's.
CREATE UNIQUE INDEX jobs_subject ON darkroom.jobs (owner, subject) WHERE subject IS NOT NULL AND finished_at IS NULL;
-- One job per key, for as long as the job is kept.
CREATE UNIQUE INDEX jobs_key ON darkroom.jobs (owner, idempotency_key) WHERE idempotency_key IS NOT NULL;
-- What workers look at, in the order in which it is claimed.
CREATE INDEX jobs_claimable ON darkroom.jobs (kind, priority DESC, run_at, id) WHERE waits_for = 'worker';
-- What is sent next, from its head: what was never sent for this wait, in the order in which they came to wait, then what is due
-- again. Without it each look would walk past all that was sent and has not begun, thousands of rows for minutes while the service
-- is away. Costs an entry for each job that comes to wait for a worker, on the embedded engine too; nothing for a job that is
-- claimed with its submit.
CREATE INDEX jobs_sendable ON darkroom.jobs (kind, (CASE WHEN sent_change = change THEN send_at ELSE 0 END), change)
  WHERE waits_for = 'worker';
-- Whose a job is that a service's run names by its id alone. Nothing for all whom the embedded engine runs.
CREATE INDEX jobs_sent ON darkroom.jobs (id) WHERE sent_change IS NOT NULL;
-- An owner's running places that are taken, and who waits for one.
CREATE INDEX jobs_places ON darkroom.jobs (owner, kind)
  WHERE running_per_owner IS NOT NULL AND (lease_token IS NOT NULL OR waits_for = 'worker');
CREATE INDEX jobs_backlog ON darkroom.jobs (owner, kind, priority DESC, run_at, id) WHERE waits_for = 'owner';
-- The sweeper's: what is active, by when it must be looked at.
CREATE INDEX jobs_due ON darkroom.jobs (due_at) WHERE finished_at IS NULL;
-- What a watcher that comes back has missed among the jobs that have ended.
CREATE INDEX jobs_ended ON darkroom.jobs (owner, change) WHERE finished_at IS NOT NULL;
-- How long a kind takes: the latest that were completed.
CREATE INDEX jobs_durations ON darkroom.jobs (kind, finished_at) WHERE status = 'completed';

-- Leases whose jobs became another owner's while they ran. Their workers may still name the old one, under whom nothing is
-- found any more; here they find the new one. What is over is removed by the next transfer.
CREATE TABLE darkroom.moved_leases (
  token  text COLLATE "C" PRIMARY KEY,
  owner  text COLLATE "C" NOT NULL,
  job_id text COLLATE "C" NOT NULL
);

-- Owners whose everything was given to another, so that other processes end what watches as one of them. They are told of it
-- by a notification; who may have missed one reads the rows after the last that it has seen. Rows go after a day.
CREATE TABLE darkroom.transfers (
  id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  owner text COLLATE "C" NOT NULL,
  at    bigint NOT NULL
);

CREATE TABLE darkroom.steps (
  job_id      text COLLATE "C" NOT NULL,
  name        text COLLATE "C" NOT NULL,
  position    integer NOT NULL,
  status      text COLLATE "C" NOT NULL CHECK (status IN ('running', 'completed', 'failed')),
  attempts    integer NOT NULL,
  output      text,
  error       text,
  preview     text,
  change      bigint NOT NULL,
  started_at  bigint NOT NULL,
  finished_at bigint,
  PRIMARY KEY (job_id, name)
);

-- The ledger. Only ever added to; what a job moved goes along with it to a new owner.
CREATE TABLE darkroom.entries (
  id         bigint GENERATED ALWAYS AS IDENTITY,
  owner      text COLLATE "C" NOT NULL,
  type       text COLLATE "C" NOT NULL CHECK (type IN ('grant', 'hold', 'capture', 'release', 'refund', 'transfer')),
  posted     bigint NOT NULL,
  held       bigint NOT NULL,
  job_id     text COLLATE "C",
  key        text COLLATE "C",
  created_at bigint NOT NULL
);

-- An owner's statement: what moved credits, newest first. Holds and releases move none and stay out of it.
CREATE INDEX entries_by_owner ON darkroom.entries (owner, id) WHERE posted <> 0;
-- A grant is given once.
CREATE UNIQUE INDEX entries_key ON darkroom.entries (owner, key) WHERE key IS NOT NULL;

CREATE TABLE darkroom.assets (
  id           text COLLATE "C" PRIMARY KEY,
  owner        text COLLATE "C" NOT NULL,
  content_type text NOT NULL,
  size         bigint NOT NULL,
  width        integer,
  height       integer,
  blur         text,
  created_at   bigint NOT NULL,
  kept_at      bigint,
  -- Since when nobody can read it. The row goes when its bytes are gone: whoever dies in between leaves a way to them.
  removed_at   bigint
);

-- For a guest who becomes somebody.
CREATE INDEX assets_by_owner ON darkroom.assets (owner);
-- Uploads that no job used yet, oldest first.
CREATE INDEX assets_orphans ON darkroom.assets (created_at) WHERE kept_at IS NULL AND removed_at IS NULL;
-- What a sweep finishes; as a rule there is nothing.
CREATE INDEX assets_removed ON darkroom.assets (removed_at, created_at) WHERE removed_at IS NOT NULL;
