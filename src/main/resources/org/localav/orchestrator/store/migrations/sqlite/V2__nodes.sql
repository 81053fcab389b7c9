-- The nodes that work on this store. A node that does not renew its lease in time is dead to the others.
CREATE TABLE nodes (
    name        TEXT    PRIMARY KEY,
    incarnation TEXT    NOT NULL,
    protocol    INTEGER NOT NULL,
    since       INTEGER NOT NULL,
    seen_at     INTEGER NOT NULL,
    alive_until INTEGER NOT NULL,
    draining    INTEGER NOT NULL DEFAULT 0,
    about       TEXT    NOT NULL
) WITHOUT ROWID;

-- What a run that has not ended is about to put in place; whoever takes its job over undoes that first.
CREATE TABLE publications (
    job   INTEGER PRIMARY KEY REFERENCES jobs ON DELETE CASCADE,
    moves TEXT    NOT NULL
);

-- Which jobs of a node are running.
CREATE INDEX jobs_owner ON jobs (owner) WHERE status = 'running';

PRAGMA user_version = 2;
