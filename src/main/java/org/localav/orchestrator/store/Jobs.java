package org.localav.orchestrator.store;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.Update;
import org.localav.orchestrator.job.JobStatus;
import org.localav.orchestrator.job.StageRecord;
import org.localav.orchestrator.plan.Stage;

/** The jobs and what happened to them, in one transaction. */
final class Jobs {
    /** As a range and a filter, so that the index of the queue is entered at the right place. */
    private static final String LATER_IN_QUEUE =
            "j.priority <= :priority AND (j.priority < :priority OR j.number > :number)";

    private final Handle handle;

    Jobs(Handle handle) {
        this.handle = handle;
    }

    Optional<JobRow> find(String id) {
        return handle.createQuery("SELECT * FROM jobs WHERE id = :id")
                .bind("id", id)
                .map(Rows::job)
                .findOne();
    }

    JobRow get(long number) {
        return handle.createQuery("SELECT * FROM jobs WHERE number = :number")
                .bind("number", number)
                .map(Rows::job)
                .one();
    }

    String spec(long number) {
        return handle.createQuery("SELECT spec FROM specs WHERE job = :number")
                .bind("number", number)
                .mapTo(String.class)
                .one();
    }

    /** What its latest run was about to put in place when it was interrupted. */
    Optional<String> publication(long number) {
        return handle.createQuery("SELECT moves FROM publications WHERE job = :number")
                .bind("number", number)
                .mapTo(String.class)
                .findOne();
    }

    /** One that has something in place to be undone stays in the queue until a node has done that. */
    void cancel(JobRow job, Farewell farewell) {
        Instant now = Instant.now();
        boolean running = job.status() == JobStatus.RUNNING;
        boolean queued = job.status() == JobStatus.QUEUED;
        if (queued && publication(job.number()).isEmpty()) {
            handle.execute(
                    "UPDATE jobs SET status = 'cancelled', ended_at = ?, waiting = '', version = version + 1 WHERE number = ?",
                    now.toEpochMilli(),
                    job.number());
            append(job.number(), now, "cancelled", Map.of());
            Outbox outbox = new Outbox(handle);
            farewell.of(job, spec(job.number())).forEach(message -> outbox.add(job.number(), message));
        } else if ((queued || running) && !job.cancelling()) {
            handle.execute("UPDATE jobs SET cancelling = TRUE, version = version + 1 WHERE number = ?", job.number());
            append(job.number(), now, "cancelling", Map.of());
        }
    }

    /** @param request what its history is to tell of the request */
    void retry(JobRow job, Map<String, String> request) {
        handle.execute(
                """
                UPDATE jobs SET status = 'queued', started_at = NULL, ended_at = NULL, error = NULL, reason = NULL,
                    version = version + 1
                WHERE number = ?""",
                job.number());
        append(job.number(), Instant.now(), "retried", request);
    }

    /** Appends to what happened; watchers read on from the number they saw last. */
    void append(long job, Instant at, String type, Object data) {
        append(job, at, type, Rows.json(data));
    }

    private void append(long job, Instant at, String type, String json) {
        handle.execute(
                "INSERT INTO events (job, at, type, data) VALUES (?, ?, ?, ?)", job, at.toEpochMilli(), type, json);
    }

    void happened(String id, String type, String json) {
        find(id).ifPresent(job -> append(job.number(), Instant.now(), type, json));
    }

    List<Event> events(Optional<String> jobId, long after, int limit) {
        String events = "SELECT e.*, j.id FROM events e JOIN jobs j ON j.number = e.job WHERE e.number > :after ";
        Query query = jobId.isPresent()
                ? handle.createQuery(events + "AND j.id = :job ORDER BY e.number LIMIT :limit")
                        .bind("job", jobId)
                : handle.createQuery(events + "ORDER BY e.number LIMIT :limit");
        return query.bind("after", after).bind("limit", limit).map(Rows::event).list();
    }

    JobRow insert(NewJob job) {
        long number = handle.createQuery(
                        """
                        INSERT INTO jobs (id, status, priority, labels, tags, title, origin, spec_name, folder, overwrite,
                            created_at)
                        VALUES (:id, 'queued', :priority, :labels, :tags, :title, :origin, :name, :folder, :overwrite,
                            :created)
                        RETURNING number""")
                .bind("id", job.id())
                .bind("priority", job.priority())
                .bind(
                        "labels",
                        Rows.json(job.labels().stream().distinct().sorted().toList()))
                .bind("tags", Rows.json(new TreeMap<>(job.tags())))
                .bind("title", job.title())
                .bind("origin", job.origin())
                .bind("name", job.specName())
                .bind("folder", job.folder().toString())
                .bind("overwrite", job.overwrite())
                .bind("created", job.createdAt().toEpochMilli())
                .mapTo(Long.class)
                .one();
        handle.execute("INSERT INTO specs (job, spec) VALUES (?, ?)", number, job.spec());
        job.tags()
                .forEach((name, value) -> handle.execute(
                        "INSERT INTO job_tags (name, value, job) VALUES (?, ?, ?)", name, value, number));
        Map<String, String> data = new TreeMap<>(job.request());
        data.put("origin", job.origin());
        append(number, job.createdAt(), "accepted", data);
        return get(number);
    }

    Map<JobStatus, Long> counts() {
        Map<JobStatus, Long> counts = new EnumMap<>(JobStatus.class);
        for (JobStatus status : JobStatus.values()) {
            counts.put(status, 0L);
        }
        handle.createQuery("SELECT status, count(*) AS jobs FROM jobs GROUP BY status")
                .map((row, context) -> counts.put(Rows.status(row.getString("status")), row.getLong("jobs")))
                .list();
        return counts;
    }

    Map<Bell.Line, Integer> lines() {
        Map<Bell.Line, Integer> lines = new HashMap<>();
        handle.createQuery(
                        """
                        SELECT labels, priority, count(*) AS jobs FROM jobs WHERE status = 'queued'
                        GROUP BY labels, priority""")
                .map((row, context) -> lines.merge(
                        Bell.Line.of(Rows.labels(row.getString("labels")), row.getInt("priority")),
                        row.getInt("jobs"),
                        Integer::sum))
                .list();
        return lines;
    }

    /** Reads each state by itself: each is in order already, so that no more is read than is wanted. */
    List<JobRow> list(JobQuery query) {
        if (query.order() == JobQuery.Order.QUEUE) {
            return list(query, Optional.of(JobStatus.QUEUED));
        }
        if (query.statuses().isEmpty()) {
            return list(query, Optional.empty());
        }
        return query.statuses().stream()
                .flatMap(status -> list(query, Optional.of(status)).stream())
                .sorted(Comparator.comparingLong(JobRow::number).reversed())
                .limit(query.limit())
                .toList();
    }

    /** With tags, what has the first of them is read in order, and the rest is tried on it. */
    private List<JobRow> list(JobQuery wanted, Optional<JobStatus> status) {
        List<Map.Entry<String, String>> tags = List.copyOf(wanted.tags().entrySet());
        String number = tags.isEmpty() ? "j.number" : "t0.job";
        StringBuilder sql = new StringBuilder("SELECT j.* FROM ");
        sql.append(tags.isEmpty() ? "jobs j" : "job_tags t0 JOIN jobs j ON j.number = t0.job");
        for (int i = 1; i < tags.size(); i++) {
            sql.append(" JOIN job_tags t").append(i).append(" ON t").append(i).append(".job = t0.job");
        }
        boolean newest = wanted.order() == JobQuery.Order.NEWEST;
        sql.append(" WHERE ").append(newest ? number + " < :number" : LATER_IN_QUEUE);
        status.ifPresent(s -> sql.append(" AND j.status = '").append(s.id()).append("'"));
        for (int i = 0; i < tags.size(); i++) {
            sql.append(" AND t%d.name = :name%d AND t%d.value = :value%d".replace("%d", Integer.toString(i)));
        }
        wanted.text()
                .ifPresent(
                        text -> sql.append(
                                " AND (lower(j.id) LIKE :text ESCAPE '!' OR lower(coalesce(j.title, '')) LIKE :text ESCAPE '!')"));
        sql.append(" ORDER BY ").append(newest ? number + " DESC" : "j.priority DESC, j.number");
        Query query = handle.createQuery(sql.append(" LIMIT :limit").toString())
                .bind("number", wanted.number())
                .bind("limit", wanted.limit());
        if (!newest) {
            query.bind("priority", wanted.priority());
        }
        wanted.text()
                .ifPresent(text ->
                        query.bind("text", "%" + text.toLowerCase(Locale.ROOT).replaceAll("[!%_]", "!$0") + "%"));
        for (int i = 0; i < tags.size(); i++) {
            query.bind("name" + i, tags.get(i).getKey())
                    .bind("value" + i, tags.get(i).getValue());
        }
        return query.map(Rows::job).list();
    }

    /** Of jobs that ended, how many did how, in steps of time from a moment on; steps without any are left out. */
    List<Tally> tallies(Instant from, Duration step) {
        return handle.createQuery(
                        """
                        SELECT (ended_at - :from) / :step AS slot, status, reason, count(*) AS jobs,
                            sum(ended_at - coalesce(started_at, ended_at)) AS busy
                        FROM jobs WHERE ended_at >= :from GROUP BY slot, status, reason ORDER BY slot""")
                .bind("from", from.toEpochMilli())
                .bind("step", step.toMillis())
                .map((row, context) -> new Tally(
                        Instant.ofEpochMilli(from.toEpochMilli()).plus(step.multipliedBy(row.getLong("slot"))),
                        Rows.status(row.getString("status")),
                        Optional.ofNullable(row.getString("reason")),
                        row.getLong("jobs"),
                        Duration.ofMillis(row.getLong("busy"))))
                .list();
    }

    /** In the order in which a job goes through them; stages that a user's own routes added come last. */
    List<StageRecord> stages(String id) {
        return handle
                .createQuery(
                        "SELECT s.*, j.id FROM stages s JOIN jobs j ON j.number = s.job WHERE j.id = :id ORDER BY s.number")
                .bind("id", id)
                .map(Rows::stage)
                .list()
                .stream()
                .sorted(Comparator.comparingInt(Jobs::place))
                .toList();
    }

    private static int place(StageRecord record) {
        for (Stage stage : Stage.values()) {
            if (stage.id().equals(record.stage())) {
                return stage.ordinal();
            }
        }
        return Stage.values().length;
    }

    List<Attempt> attempts(String id) {
        return handle.createQuery(
                        """
                        SELECT a.* FROM attempts a JOIN jobs j ON j.number = a.job WHERE j.id = :id ORDER BY a.number""")
                .bind("id", id)
                .map(Rows::attempt)
                .list();
    }

    /** What is known of the request that it came by. */
    Map<String, String> request(String id) {
        return handle.createQuery(
                        """
                        SELECT e.data FROM events e JOIN jobs j ON j.number = e.job WHERE j.id = :id AND e.type = 'accepted'
                        ORDER BY e.number LIMIT 1""")
                .bind("id", id)
                .map((row, context) -> Rows.texts(row.getString("data")))
                .findOne()
                .orElse(Map.of());
    }

    /** Of one that waits, if it still has the priority that is believed. */
    Optional<JobRow> prioritise(String id, Optional<Integer> believed, int priority) {
        Update change = handle.createUpdate("UPDATE jobs SET priority = :priority, version = version + 1"
                        + " WHERE id = :id AND status = 'queued'"
                        + (believed.isPresent() ? " AND priority = :believed" : ""))
                .bind("priority", priority)
                .bind("id", id);
        believed.ifPresent(was -> change.bind("believed", was));
        int changed = change.execute();
        Optional<JobRow> job = find(id);
        if (changed > 0) {
            append(job.orElseThrow().number(), Instant.now(), "priority", Map.of("priority", priority));
        }
        return job;
    }

    /** Forgets jobs that have ended and have nothing to tell any more. */
    List<String> prune(Instant endedBefore, int most) {
        List<String> ids = handle.createQuery(
                        """
                        SELECT id FROM jobs WHERE ended_at < :before
                            AND NOT EXISTS (SELECT 1 FROM outbox WHERE job = jobs.number AND status = 'pending')
                        LIMIT :limit""")
                .bind("before", endedBefore.toEpochMilli())
                .bind("limit", most)
                .mapTo(String.class)
                .list();
        ids.forEach(id -> handle.execute("DELETE FROM jobs WHERE id = ?", id));
        return ids;
    }
}
