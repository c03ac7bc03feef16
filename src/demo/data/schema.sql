-- What the box office keeps. Times are microseconds since the epoch.
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA foreign_keys = ON;

-- Whoever organises an event. `session` finds the row for a browser's cookie, which itself is kept nowhere here.
-- `identity` is what Countersign knows the person by: opaque, never an e-mail address.
CREATE TABLE IF NOT EXISTS organizers (
  id         TEXT PRIMARY KEY,
  session    BLOB NOT NULL UNIQUE,
  identity   TEXT NOT NULL UNIQUE,
  mobile     TEXT NOT NULL DEFAULT '',      -- E.164, the contact for confirmations
  payouts    TEXT NOT NULL DEFAULT 'none',  -- none, on, paused
  created_at INTEGER NOT NULL
) STRICT;

-- The steps as they were typed, right or wrong. `payout_sealed` opens with that browser's cookie alone.
-- `review` names what is being reviewed; it is drawn anew with every change, so that one review is held once.
CREATE TABLE IF NOT EXISTS drafts (
  organizer     TEXT PRIMARY KEY REFERENCES organizers (id),
  account       TEXT,
  event         TEXT,
  payout_sealed BLOB,
  review        TEXT NOT NULL
) STRICT;

-- One row for each transaction at Countersign; `id` is the review that it confirms.
CREATE TABLE IF NOT EXISTS confirmations (
  id            TEXT PRIMARY KEY,
  organizer     TEXT NOT NULL REFERENCES organizers (id),
  transaction_id TEXT UNIQUE,                 -- NULL until Countersign has answered
  state         TEXT NOT NULL,               -- held, withdrawn, claimed, released, denied, expired, canceled
  look_at       INTEGER NOT NULL,            -- when to ask Countersign about it next
  looked_at     INTEGER NOT NULL DEFAULT 0,
  fencing_token TEXT UNIQUE,
  receipt_id    TEXT,
  created_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS confirmations_to_look_at ON confirmations (look_at)
  WHERE state IN ('held', 'withdrawn', 'claimed');

-- Where money goes. Rows come from claims alone: the person has confirmed what stands here.
CREATE TABLE IF NOT EXISTS payout_accounts (
  confirmation TEXT PRIMARY KEY REFERENCES confirmations (id),
  organizer    TEXT NOT NULL REFERENCES organizers (id),
  details      TEXT NOT NULL,
  receipt      TEXT NOT NULL,
  since        INTEGER NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS events (
  id         TEXT PRIMARY KEY,
  organizer  TEXT UNIQUE REFERENCES organizers (id),  -- NULL for the site's own examples
  name       TEXT NOT NULL,
  details    TEXT NOT NULL,                           -- JSON: date, time, venue, postal_code, lots
  state      TEXT NOT NULL,                           -- prepared, on_sale, cancelled
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS webhook_endpoint (
  one      INTEGER PRIMARY KEY CHECK (one = 1),
  url      TEXT NOT NULL,
  secret   TEXT NOT NULL,
  request  TEXT NOT NULL,  -- the Idempotency-Key it is registered under
  endpoint TEXT            -- NULL until Countersign has answered
) STRICT;

CREATE TABLE IF NOT EXISTS webhooks_seen (
  id      TEXT PRIMARY KEY,
  seen_at INTEGER NOT NULL
) STRICT;
