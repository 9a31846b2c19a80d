-- Owners whose everything was given to another, so that other processes end what watches as one of them. Numbers are never
-- used again: each process remembers the last one that it has seen. Rows go after a day (transfer.ts).
CREATE TABLE transfers (
  id    INTEGER PRIMARY KEY AUTOINCREMENT,
  owner TEXT NOT NULL,
  at    INTEGER NOT NULL
) STRICT;
