-- Times are milliseconds since 1970. Lists and maps are JSON. The number of the newest migration also stands in
-- SqliteFile.SCHEMA and in the file itself, so that an up-to-date file opens at once.
CREATE TABLE jobs (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    id         TEXT    NOT NULL UNIQUE,
    status     TEXT    NOT NULL CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    priority   INTEGER NOT NULL,
    labels     TEXT    NOT NULL,
    tags       TEXT    NOT NULL,
    title      TEXT,
    origin     TEXT    NOT NULL,
    spec_name  TEXT    NOT NULL,
    folder     TEXT    NOT NULL,
    overwrite  INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    ended_at   INTEGER,
    runs       INTEGER NOT NULL DEFAULT 0,
    run        TEXT,
    owner      TEXT,
    token      TEXT,
    cancelling INTEGER NOT NULL DEFAULT 0,
    waiting    TEXT    NOT NULL DEFAULT '',
    error      TEXT,
    reason     TEXT,
    version    INTEGER NOT NULL DEFAULT 1
);

-- The queue: the first job of each set of labels is found without looking at any other job.
CREATE INDEX jobs_queue ON jobs (status, labels, priority DESC, number);
-- Which jobs of a set of labels still have to be told why they wait.
CREATE INDEX jobs_waiting ON jobs (labels, waiting) WHERE status = 'queued';
CREATE INDEX jobs_status ON jobs (status, number);
CREATE INDEX jobs_ended ON jobs (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE job_tags (
    name  TEXT    NOT NULL,
    value TEXT    NOT NULL,
    job   INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
    PRIMARY KEY (name, value, job)
) WITHOUT ROWID;
CREATE INDEX job_tags_job ON job_tags (job);

-- Large texts lie apart, so that lists of jobs don't pass over them.
CREATE TABLE specs (
    job  INTEGER PRIMARY KEY REFERENCES jobs ON DELETE CASCADE,
    spec TEXT NOT NULL
);

CREATE TABLE reports (
    job    INTEGER PRIMARY KEY REFERENCES jobs ON DELETE CASCADE,
    report TEXT NOT NULL
);

-- The stages of each job's latest run.
CREATE TABLE stages (
    job        INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
    stage      TEXT    NOT NULL,
    status     TEXT    NOT NULL,
    started_at INTEGER,
    ended_at   INTEGER,
    attempts   INTEGER NOT NULL,
    error      TEXT,
    metadata   TEXT    NOT NULL,
    number     INTEGER PRIMARY KEY,
    UNIQUE (job, stage)
);

-- Every attempt of every stage of every run.
CREATE TABLE attempts (
    number     INTEGER PRIMARY KEY,
    job        INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
    run        TEXT    NOT NULL,
    stage      TEXT    NOT NULL,
    attempt    INTEGER NOT NULL,
    status     TEXT    NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at   INTEGER,
    error      TEXT,
    UNIQUE (job, run, stage, attempt)
);

CREATE TABLE events (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    job    INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
    at     INTEGER NOT NULL,
    type   TEXT    NOT NULL,
    data   TEXT    NOT NULL
);
CREATE INDEX events_job ON events (job, number);

CREATE TABLE outbox (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    id         TEXT    NOT NULL UNIQUE,
    job        INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
    url        TEXT    NOT NULL,
    receiver   TEXT    NOT NULL,
    secret_env TEXT,
    type       TEXT    NOT NULL,
    body       TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    status     TEXT    NOT NULL CHECK (status IN ('pending', 'delivered', 'refused', 'given_up')),
    tries      INTEGER NOT NULL,
    next_try   INTEGER NOT NULL
);
CREATE INDEX outbox_due ON outbox (next_try, number) WHERE status = 'pending';
CREATE INDEX outbox_url ON outbox (url) WHERE status = 'pending';
CREATE INDEX outbox_job ON outbox (job, number);

CREATE TABLE deliveries (
    number  INTEGER PRIMARY KEY AUTOINCREMENT,
    message TEXT    NOT NULL,
    job     INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
    url     TEXT    NOT NULL,
    attempt INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    took_ms INTEGER NOT NULL,
    code    INTEGER,
    error   TEXT
);
CREATE INDEX deliveries_job ON deliveries (job, number);

CREATE TABLE idempotency_keys (
    value       TEXT    PRIMARY KEY,
    fingerprint TEXT    NOT NULL,
    job         INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
    created_at  INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX idempotency_keys_job ON idempotency_keys (job);

CREATE TABLE remembered (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

PRAGMA user_version = 1;
