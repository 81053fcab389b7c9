package org.localav.orchestrator.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.statement.StatementContext;
import org.localav.orchestrator.job.JobStatus;
import org.localav.orchestrator.job.Report;
import org.localav.orchestrator.job.StageRecord;

/** How rows of the tables become records, and values become what is kept: times in milliseconds, lists and maps as JSON. */
final class Rows {
    private static final JsonMapper JSON =
            Report.JSON.rebuild().disable(SerializationFeature.INDENT_OUTPUT).build();
    private static final TypeReference<List<String>> LIST = new TypeReference<>() {};
    private static final TypeReference<Map<String, String>> TEXTS = new TypeReference<>() {};
    private static final TypeReference<Map<String, Object>> VALUES = new TypeReference<>() {};

    private Rows() {}

    static JobRow job(ResultSet row, StatementContext context) throws SQLException {
        return new JobRow(
                row.getString("id"),
                row.getLong("number"),
                status(row.getString("status")),
                row.getInt("priority"),
                labels(row.getString("labels")),
                parse(row.getString("tags"), TEXTS),
                text(row, "title"),
                row.getString("origin"),
                row.getString("spec_name"),
                Path.of(row.getString("folder")),
                row.getBoolean("overwrite"),
                Instant.ofEpochMilli(row.getLong("created_at")),
                time(row, "started_at"),
                time(row, "ended_at"),
                row.getInt("runs"),
                text(row, "run"),
                text(row, "owner"),
                row.getBoolean("cancelling"),
                text(row, "waiting").filter(reason -> !reason.isEmpty()),
                text(row, "error"),
                text(row, "reason"),
                row.getLong("version"));
    }

    static Map<String, String> texts(String json) {
        return parse(json, TEXTS);
    }

    static StageRecord stage(ResultSet row, StatementContext context) throws SQLException {
        return new StageRecord(
                row.getString("id"),
                row.getString("stage"),
                row.getString("status"),
                time(row, "started_at"),
                time(row, "ended_at"),
                row.getInt("attempts"),
                text(row, "error"),
                parse(row.getString("metadata"), VALUES));
    }

    static Attempt attempt(ResultSet row, StatementContext context) throws SQLException {
        return new Attempt(
                row.getString("run"),
                row.getString("stage"),
                row.getInt("attempt"),
                row.getString("status"),
                Instant.ofEpochMilli(row.getLong("started_at")),
                time(row, "ended_at"),
                text(row, "error"));
    }

    static Event event(ResultSet row, StatementContext context) throws SQLException {
        return new Event(
                row.getLong("number"),
                row.getString("id"),
                Instant.ofEpochMilli(row.getLong("at")),
                row.getString("type"),
                row.getString("data"));
    }

    static OutboxMessage message(ResultSet row, StatementContext context) throws SQLException {
        return new OutboxMessage(
                row.getString("id"),
                row.getString("job_id"),
                row.getString("url"),
                text(row, "secret_env"),
                row.getString("type"),
                row.getString("body"),
                Instant.ofEpochMilli(row.getLong("created_at")),
                row.getString("status"),
                row.getInt("tries"),
                Instant.ofEpochMilli(row.getLong("next_try")));
    }

    static Delivery delivery(ResultSet row, StatementContext context) throws SQLException {
        int code = row.getInt("code");
        boolean answered = !row.wasNull();
        return new Delivery(
                row.getString("message"),
                row.getString("job_id"),
                row.getString("url"),
                row.getInt("attempt"),
                Instant.ofEpochMilli(row.getLong("at")),
                row.getLong("took_ms"),
                answered ? Optional.of(code) : Optional.empty(),
                text(row, "error"));
    }

    static JobStatus status(String id) {
        return JobStatus.valueOf(id.toUpperCase(Locale.ROOT));
    }

    static List<String> labels(String json) {
        return parse(json, LIST);
    }

    static Optional<Long> millis(Optional<Instant> time) {
        return time.map(Instant::toEpochMilli);
    }

    static String json(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static <T> T parse(String json, TypeReference<T> type) {
        try {
            return JSON.readValue(json, type);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("not as this program writes it: " + json, e);
        }
    }

    private static Optional<String> text(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getString(column));
    }

    private static Optional<Instant> time(ResultSet row, String column) throws SQLException {
        long millis = row.getLong(column);
        return row.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
    }
}
