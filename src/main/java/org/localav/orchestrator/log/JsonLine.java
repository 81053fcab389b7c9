package org.localav.orchestrator.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.event.KeyValuePair;

/** A log event as one line of flat JSON: no line break in a message, a tag or a stack trace can make a second one of it. */
final class JsonLine {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
    private static final JsonFactory JSON = new JsonFactory();

    /** Names of our own, wherever they are used: a tag that is called like one of them is written as {@code tag_NAME}. */
    private static final Set<String> OURS = Set.of(
            "timestamp",
            "level",
            "logger",
            "thread",
            "message",
            "node",
            "exception",
            LogFields.JOB,
            LogFields.RUN,
            LogFields.STAGE,
            LogFields.STEP,
            LogFields.REQUEST,
            LogFields.TRACE,
            "status",
            "reason",
            "error",
            "attempt",
            "took_ms");

    private final JsonGenerator json;
    private final Set<String> written = new HashSet<>(OURS);

    private JsonLine(JsonGenerator json) {
        this.json = json;
    }

    static String of(ILoggingEvent event, String node) {
        // Not to bytes at once: Jackson refuses half a surrogate pair there, and a log line must never fail.
        StringWriter line = new StringWriter(256);
        try (JsonGenerator json = JSON.createGenerator(line)) {
            new JsonLine(json).write(event, node);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return line.append('\n').toString();
    }

    private void write(ILoggingEvent event, String node) throws IOException {
        json.writeStartObject();
        json.writeStringField("timestamp", TIME.format(Instant.ofEpochMilli(event.getTimeStamp())));
        json.writeStringField("level", event.getLevel().toString());
        json.writeStringField("logger", event.getLoggerName());
        json.writeStringField("thread", event.getThreadName());
        json.writeStringField("node", node);
        Map<String, String> fields = new TreeMap<>(event.getMDCPropertyMap());
        for (Map.Entry<String, String> field : fields.entrySet()) {
            if (!field.getKey().startsWith(LogFields.TAG)) {
                written.add(field.getKey());
                json.writeStringField(field.getKey(), field.getValue());
            }
        }
        if (event.getKeyValuePairs() != null) {
            for (KeyValuePair pair : event.getKeyValuePairs()) {
                written.add(pair.key);
                value(pair);
            }
        }
        json.writeStringField("message", SignedUrls.cut(event.getFormattedMessage()));
        for (Map.Entry<String, String> field : fields.entrySet()) {
            if (field.getKey().startsWith(LogFields.TAG)) {
                json.writeStringField(free(field.getKey().substring(LogFields.TAG.length())), field.getValue());
            }
        }
        if (event.getThrowableProxy() != null) {
            json.writeStringField("exception", SignedUrls.cut(ThrowableProxyUtil.asString(event.getThrowableProxy())));
        }
        json.writeEndObject();
    }

    private void value(KeyValuePair pair) throws IOException {
        if (pair.value instanceof Long || pair.value instanceof Integer) {
            json.writeNumberField(pair.key, ((Number) pair.value).longValue());
        } else {
            json.writeStringField(pair.key, String.valueOf(pair.value));
        }
    }

    private String free(String tag) {
        String name = tag;
        while (!written.add(name)) {
            name = "tag_" + name;
        }
        return name;
    }
}
