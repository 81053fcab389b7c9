-- The queue in the order in which its jobs will start, whatever their labels.
CREATE INDEX jobs_order ON jobs (priority DESC, number) WHERE status = 'queued';

-- How many jobs ended how in a span of time is counted from the index alone.
DROP INDEX jobs_ended;
CREATE INDEX jobs_ended ON jobs (ended_at, status, reason, started_at) WHERE ended_at IS NOT NULL;

PRAGMA user_version = 3;
