-- The tables of SQLite's migrations up to this number, as PostgreSQL has them. Times are milliseconds since 1970. Lists and
-- maps are JSON. Whatever changes what others may wait for also tells those that listen.
CREATE TABLE jobs (
    number     BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id         TEXT    NOT NULL UNIQUE,
    status     TEXT    NOT NULL CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    priority   BIGINT NOT NULL,
    labels     TEXT    COLLATE "C" NOT NULL,
    tags       TEXT    NOT NULL,
    title      TEXT,
    origin     TEXT    NOT NULL,
    spec_name  TEXT    NOT NULL,
    folder     TEXT    NOT NULL,
    overwrite  BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    ended_at   BIGINT,
    runs       BIGINT NOT NULL DEFAULT 0,
    run        TEXT,
    owner      TEXT,
    token      TEXT,
    cancelling BOOLEAN NOT NULL DEFAULT FALSE,
    waiting    TEXT    COLLATE "C" NOT NULL DEFAULT '',
    error      TEXT,
    reason     TEXT,
    version    BIGINT NOT NULL DEFAULT 1
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
    job   BIGINT NOT NULL REFERENCES jobs ON DELETE CASCADE,
    PRIMARY KEY (name, value, job)
);
CREATE INDEX job_tags_job ON job_tags (job);

-- Large texts lie apart, so that lists of jobs don't pass over them.
CREATE TABLE specs (
    job  BIGINT PRIMARY KEY REFERENCES jobs ON DELETE CASCADE,
    spec TEXT NOT NULL
);

CREATE TABLE reports (
    job    BIGINT PRIMARY KEY REFERENCES jobs ON DELETE CASCADE,
    report TEXT NOT NULL
);

-- The stages of each job's latest run.
CREATE TABLE stages (
    job        BIGINT NOT NULL REFERENCES jobs ON DELETE CASCADE,
    stage      TEXT    NOT NULL,
    status     TEXT    NOT NULL,
    started_at BIGINT,
    ended_at   BIGINT,
    attempts   BIGINT NOT NULL,
    error      TEXT,
    metadata   TEXT    NOT NULL,
    number     BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    UNIQUE (job, stage)
);

-- Every attempt of every stage of every run.
CREATE TABLE attempts (
    number     BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job        BIGINT NOT NULL REFERENCES jobs ON DELETE CASCADE,
    run        TEXT    NOT NULL,
    stage      TEXT    NOT NULL,
    attempt    BIGINT NOT NULL,
    status     TEXT    NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at   BIGINT,
    error      TEXT,
    UNIQUE (job, run, stage, attempt)
);

CREATE TABLE events (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job    BIGINT NOT NULL REFERENCES jobs ON DELETE CASCADE,
    at     BIGINT NOT NULL,
    type   TEXT    NOT NULL,
    data   TEXT    NOT NULL
);
CREATE INDEX events_job ON events (job, number);

CREATE TABLE outbox (
    number     BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id         TEXT    NOT NULL UNIQUE,
    job        BIGINT NOT NULL REFERENCES jobs ON DELETE CASCADE,
    url        TEXT    NOT NULL,
    receiver   TEXT    NOT NULL,
    secret_env TEXT,
    type       TEXT    NOT NULL,
    body       TEXT    NOT NULL,
    created_at BIGINT NOT NULL,
    status     TEXT    NOT NULL CHECK (status IN ('pending', 'delivered', 'refused', 'given_up')),
    tries      BIGINT NOT NULL,
    next_try   BIGINT NOT NULL
);
CREATE INDEX outbox_due ON outbox (next_try, number) WHERE status = 'pending';
CREATE INDEX outbox_url ON outbox (url) WHERE status = 'pending';
CREATE INDEX outbox_job ON outbox (job, number);

CREATE TABLE deliveries (
    number  BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message TEXT    NOT NULL,
    job     BIGINT NOT NULL REFERENCES jobs ON DELETE CASCADE,
    url     TEXT    NOT NULL,
    attempt BIGINT NOT NULL,
    at      BIGINT NOT NULL,
    took_ms BIGINT NOT NULL,
    code    BIGINT,
    error   TEXT
);
CREATE INDEX deliveries_job ON deliveries (job, number);

CREATE TABLE idempotency_keys (
    value       TEXT    PRIMARY KEY,
    fingerprint TEXT    NOT NULL,
    job         BIGINT NOT NULL REFERENCES jobs ON DELETE CASCADE,
    created_at  BIGINT NOT NULL
);
CREATE INDEX idempotency_keys_job ON idempotency_keys (job);

CREATE TABLE remembered (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- The nodes that work on this store. A node that does not renew its lease in time is dead to the others.
CREATE TABLE nodes (
    name        TEXT    PRIMARY KEY,
    incarnation TEXT    NOT NULL,
    protocol    BIGINT NOT NULL,
    since       BIGINT NOT NULL,
    seen_at     BIGINT NOT NULL,
    alive_until BIGINT NOT NULL,
    draining    BOOLEAN NOT NULL DEFAULT FALSE,
    about       TEXT    NOT NULL
);

-- What a run that has not ended is about to put in place; whoever takes its job over undoes that first.
CREATE TABLE publications (
    job   BIGINT PRIMARY KEY REFERENCES jobs ON DELETE CASCADE,
    moves TEXT    NOT NULL
);

-- Which jobs of a node are running.
CREATE INDEX jobs_owner ON jobs (owner) WHERE status = 'running';

CREATE FUNCTION tell_news() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('avo_news', '');
    RETURN NULL;
END $$;
CREATE TRIGGER events_news AFTER INSERT ON events FOR EACH STATEMENT EXECUTE FUNCTION tell_news();
CREATE TRIGGER remembered_news AFTER INSERT OR UPDATE ON remembered FOR EACH STATEMENT EXECUTE FUNCTION tell_news();
CREATE TRIGGER nodes_news AFTER INSERT OR DELETE OR UPDATE OF draining ON nodes
    FOR EACH STATEMENT EXECUTE FUNCTION tell_news();
