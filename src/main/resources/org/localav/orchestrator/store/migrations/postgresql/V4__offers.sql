-- As SQLite's of this number.
-- Steps of running jobs that other nodes may make; one is a node's while it has a claim.
CREATE TABLE offers (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job    BIGINT NOT NULL REFERENCES jobs ON DELETE CASCADE,
    token  TEXT   NOT NULL,
    step   TEXT   NOT NULL,
    key    TEXT   NOT NULL,
    site   TEXT   NOT NULL,
    errand TEXT   NOT NULL,
    node   TEXT,
    claim  TEXT,
    report TEXT,
    UNIQUE (token, key)
);
CREATE INDEX offers_open ON offers (site, token, number) WHERE claim IS NULL;
CREATE INDEX offers_job ON offers (job);
