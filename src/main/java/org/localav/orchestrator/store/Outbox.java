package org.localav.orchestrator.store;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The messages to webhooks and the log of their delivery, in one transaction. */
final class Outbox {
    private static final String MESSAGES = "SELECT o.*, j.id AS job_id FROM outbox o JOIN jobs j ON j.number = o.job ";
    private static final String LOG = "SELECT d.*, j.id AS job_id FROM deliveries d JOIN jobs j ON j.number = d.job ";

    private final Handle handle;

    Outbox(Handle handle) {
        this.handle = handle;
    }

    /** A message that is there already is the same one: its id is its own at every try. */
    void add(long job, OutboxMessage message) {
        handle.createUpdate(
                        """
                        INSERT INTO outbox (id, job, url, receiver, secret_env, type, body, created_at, status, tries, next_try)
                        VALUES (:id, :job, :url, :receiver, :secret, :type, :body, :created, :status, :tries, :next)
                        ON CONFLICT (id) DO NOTHING""")
                .bind("id", message.id())
                .bind("job", job)
                .bind("url", message.url())
                .bind("receiver", message.receiver())
                .bind("secret", message.secretEnv())
                .bind("type", message.type())
                .bind("body", message.body())
                .bind("created", message.createdAt().toEpochMilli())
                .bind("status", message.status())
                .bind("tries", message.tries())
                .bind("next", message.nextTry().toEpochMilli())
                .execute();
    }

    List<OutboxMessage> due(Instant now, List<String> busy, int limit) {
        List<String> leftOut = new ArrayList<>(busy);
        // A list in SQL must not be empty.
        leftOut.add("");
        return handle.createQuery(
                        MESSAGES
                                + """
                                WHERE o.status = 'pending' AND o.next_try <= :now AND o.receiver NOT IN (<busy>)
                                ORDER BY o.next_try, o.number LIMIT :limit""")
                .bind("now", now.toEpochMilli())
                .bindList("busy", leftOut)
                .bind("limit", limit)
                .map(Rows::message)
                .list();
    }

    boolean hold(OutboxMessage message, Instant until) {
        return handle.createUpdate(
                                """
                                UPDATE outbox SET next_try = :until
                                WHERE id = :id AND status = 'pending' AND tries = :tries AND next_try = :due""")
                        .bind("until", until.toEpochMilli())
                        .bind("id", message.id())
                        .bind("tries", message.tries())
                        .bind("due", message.nextTry().toEpochMilli())
                        .execute()
                == 1;
    }

    Optional<Instant> nextDue() {
        return handle.createQuery("SELECT next_try FROM outbox WHERE status = 'pending' ORDER BY next_try LIMIT 1")
                .mapTo(Long.class)
                .findOne()
                .map(Instant::ofEpochMilli);
    }

    List<OutboxMessage> of(String jobId) {
        return handle.createQuery(MESSAGES + "WHERE j.id = :job ORDER BY o.number")
                .bind("job", jobId)
                .map(Rows::message)
                .list();
    }

    void delivered(Delivery delivery, String status, Instant nextTry) {
        log(delivery);
        handle.createUpdate(
                        """
                        UPDATE outbox SET status = :status, tries = :tries, next_try = :next
                        WHERE id = :id AND status = 'pending'""")
                .bind("status", status)
                .bind("tries", delivery.attempt())
                .bind("next", nextTry.toEpochMilli())
                .bind("id", delivery.messageId())
                .execute();
        if (status.equals("refused")) {
            handle.execute("UPDATE outbox SET status = 'refused' WHERE status = 'pending' AND url = ?", delivery.url());
        }
    }

    private void log(Delivery delivery) {
        handle.createUpdate(
                        """
                        INSERT INTO deliveries (message, job, url, attempt, at, took_ms, code, error)
                        SELECT :message, number, :url, :attempt, :at, :took, CAST(:code AS INTEGER), :error FROM jobs WHERE id = :job""")
                .bind("message", delivery.messageId())
                .bind("url", delivery.url())
                .bind("attempt", delivery.attempt())
                .bind("at", delivery.at().toEpochMilli())
                .bind("took", delivery.tookMs())
                .bind("code", delivery.code())
                .bind("error", delivery.error())
                .bind("job", delivery.jobId())
                .execute();
    }

    List<Delivery> deliveries(Optional<String> jobId, int limit) {
        return handle.createQuery(
                        LOG + (jobId.isPresent() ? "WHERE j.id = :job " : "") + "ORDER BY d.number DESC LIMIT :limit")
                .configure(
                        org.jdbi.v3.core.statement.SqlStatements.class,
                        statements -> statements.setUnusedBindingAllowed(true))
                .bind("job", jobId)
                .bind("limit", limit)
                .map(Rows::delivery)
                .list();
    }
}
