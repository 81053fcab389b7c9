package org.localav.orchestrator.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.slf4j.event.KeyValuePair;

/** Log lines from hostile messages, tags and addresses. */
class LogLineTest {
    private static final ObjectMapper JSON =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY);

    private static ILoggingEvent event(String message, Throwable thrown, KeyValuePair... pairs) {
        var logger = (Logger) LoggerFactory.getLogger("org.localav.orchestrator.stage.Stage");
        LoggingEvent event = new LoggingEvent("here", logger, Level.WARN, message, thrown, null);
        event.setKeyValuePairs(List.of(pairs));
        event.prepareForDeferredProcessing();
        return event;
    }

    private static JsonNode json(ILoggingEvent event) throws IOException {
        String line = JsonLine.of(event, "node-1");
        assertEquals(line.length() - 1, line.indexOf('\n'), line);
        return JSON.readTree(line);
    }

    @Test
    void isOneFlatJsonObjectWithTheJobsFieldsAndTags() throws Exception {
        JsonNode line;
        try (LogFields job = LogFields.ofJob("tour-001", Map.of("project", "tour"))
                .and(LogFields.STAGE, "tts")
                .and(LogFields.STEP, "tts/1")) {
            line = json(event("stage tts ended", null, new KeyValuePair("took_ms", 12L)));
        }

        assertEquals("tour-001", line.get("job_id").asText());
        assertEquals("tts", line.get("stage").asText());
        assertEquals("tts/1", line.get("step").asText());
        assertEquals("tour", line.get("project").asText());
        assertEquals("node-1", line.get("node").asText());
        assertTrue(line.get("took_ms").isNumber());
        assertTrue(line.get("timestamp").asText().matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z"));
        assertTrue(StreamSupport.stream(line.spliterator(), false).allMatch(JsonNode::isValueNode));
        assertFalse(json(event("later", null)).has("job_id"));
    }

    @Test
    void noTagTakesThePlaceOfAFieldOrOfAnotherTag() throws Exception {
        Map<String, String> tags = new TreeMap<>(Map.of(
                "job_id", "forged",
                "level", "DEBUG",
                "tag_level", "mine",
                "message", "nothing happened",
                "took_ms", "0",
                "node", "elsewhere",
                "stage", "x"));

        JsonNode line;
        try (LogFields job = LogFields.ofJob("real", tags)) {
            line = json(event("it happened", null));
        }

        assertEquals("real", line.get("job_id").asText());
        assertEquals("WARN", line.get("level").asText());
        assertEquals("it happened", line.get("message").asText());
        assertEquals("node-1", line.get("node").asText());
        assertFalse(line.has("stage"));
        assertFalse(line.has("took_ms"));
        assertEquals("forged", line.get("tag_job_id").asText());
        assertEquals(
                List.of("DEBUG", "mine"),
                StreamSupport.stream(((Iterable<Map.Entry<String, JsonNode>>) line::fields).spliterator(), false)
                        .filter(field -> field.getKey().matches("(tag_)+level"))
                        .map(field -> field.getValue().asText())
                        .toList());
    }

    @Test
    void noTextForgesALine() throws Exception {
        String hostile = "a\r\n{\"level\":\"ERROR\"}\u0000\u001b[2J\u2028\ud800\u0085";
        ILoggingEvent event;
        try (LogFields job = LogFields.ofJob("j\nk", Map.of("a\nb", hostile))) {
            event = event(hostile, new IllegalStateException(hostile));
        }

        assertEquals("j\nk", json(event).get("job_id").asText());
        String text = TextLine.of(event);
        assertTrue(text.lines().skip(1).allMatch(line -> line.startsWith("    ")), text);
        assertFalse(text.chars().anyMatch(c -> Character.isISOControl(c) && c != '\n'), text);
    }

    @Test
    void cutsWhatSignsAnAddress() throws Exception {
        String message =
                "https://user:word@cdn.example/a.mp4?X-Sig=s3cret#t has moved to http://b/c, says 'HTTP://d?e=s3cret'";

        String said = json(event(message, new IOException("GET " + message))).toString();
        String text = TextLine.of(event(message, null));

        assertFalse((said + text).matches("(?s).*(s3cret|word).*"), said + text);
        assertTrue(text.contains("https://cdn.example/a.mp4 has moved to http://b/c, says 'HTTP://d'"), text);
    }

    @Test
    void carriesTheFieldsToAnotherThreadAndNoFurther() throws Exception {
        Map<String, Boolean> seen = new TreeMap<>();
        Thread thread;
        try (LogFields job = LogFields.ofJob("one", Map.of())) {
            Runnable work = LogFields.carried(() -> seen.put("inside", "one".equals(MDC.get(LogFields.JOB))));
            thread = new Thread(() -> {
                work.run();
                seen.put("after", "one".equals(MDC.get(LogFields.JOB)));
            });
        }
        thread.start();
        thread.join();

        assertEquals(Map.of("inside", true, "after", false), seen);
        assertFalse("one".equals(MDC.get(LogFields.JOB)));
    }
}
