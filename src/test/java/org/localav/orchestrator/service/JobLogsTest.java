package org.localav.orchestrator.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.engine.Studio;
import org.localav.orchestrator.job.StageRecord;
import org.slf4j.LoggerFactory;

/** Whose work each log line is about, when jobs run side by side, stumble and fail. */
@Tag("tools")
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class JobLogsTest {
    private static final List<String> IDS =
            List.of("fine-a", "fine-b", "fine-c", "stumbles-a", "stumbles-b", "fails-a", "fails-b");

    private static final Pattern STAGE_LINE =
            Pattern.compile("^stage (\\w+) of job \\S+ (began|is tried again|ended|failed|cancelled)");

    /** ffmpeg that fails as on a full disk: once in jobs that stumble, always in those that fail. */
    private static final String FFMPEG =
            """
            #!/bin/sh
            for id in stumbles-a stumbles-b fails-a fails-b; do
                case "$*" in *"/work/$id/"*)
                    [ -e "HOME/$id.stumbled" ] || {
                        case $id in stumbles-*) : >"HOME/$id.stumbled" ;; esac
                        echo "No space left on device, says $id" >&2
                        exit 1
                    } ;;
                esac
            done
            exec ffmpeg "$@"
            """;

    /** Goes on on a thread of Camel's own, and writes a line there. */
    private static final String MUX =
            """
            - route:
                id: mux
                group: stage
                description: The usual one with a detour.
                from:
                  uri: direct:mux
                  steps:
                    - delay:
                        asyncDelayed: true
                        expression: {constant: "5"}
                    - log: {message: "on the way, says ${exchangeProperty.job.id}", logName: org.localav.detour}
                    - split:
                        expression: {method: {ref: steps, method: muxes}}
                        aggregationStrategy: "#siblings"
                        steps:
                          - to: {uri: "direct:ffmpeg-step"}
            """;

    @TempDir
    Path home;

    private final Logger ours = (Logger) LoggerFactory.getLogger("org.localav");
    private final Logger stages = (Logger) LoggerFactory.getLogger("org.localav.orchestrator.stage");
    private final Queue<ILoggingEvent> lines = new ConcurrentLinkedQueue<>();
    private final AppenderBase<ILoggingEvent> ear = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent line) {
            line.prepareForDeferredProcessing();
            lines.add(line);
        }
    };
    private final Level before = ours.getLevel();
    private final Level stagesBefore = stages.getLevel();

    @BeforeEach
    void listen() {
        ours.setLevel(Level.TRACE);
        ours.setAdditive(false);
        stages.setLevel(null);
        ear.start();
        ours.addAppender(ear);
    }

    @AfterEach
    void leave() {
        ours.detachAppender(ear);
        ours.setAdditive(true);
        ours.setLevel(before);
        stages.setLevel(stagesBefore);
    }

    @Test
    void everyLineOfEveryJobCarriesItsOwnIdOnWhateverThread() throws Exception {
        Studio.draw(home);
        Path ffmpeg = Files.writeString(home.resolve("ffmpeg"), FFMPEG.replace("HOME", home.toString()));
        assertTrue(ffmpeg.toFile().setExecutable(true));
        Files.writeString(Files.createDirectories(home.resolve("routes")).resolve("stage-mux.camel.yaml"), MUX);
        Map<String, String> settings =
                Map.of("media.roots", home.toString(), "jobs.concurrent", "4", "ffmpeg.program", ffmpeg.toString());
        Map<String, List<String>> expected = new HashMap<>();
        try (Hall hall = new Hall(home, settings)) {
            hall.service.start();
            for (String id : IDS) {
                hall.accept(spec(id));
            }
            for (String id : IDS) {
                hall.awaitStatus(id, id.startsWith("fails") ? "failed" : "succeeded");
                expected.put(id, history(hall.store.stages(id)));
            }
        }

        List<ILoggingEvent> all = List.copyOf(lines);
        assertEquals(
                List.of(),
                all.stream().filter(JobLogsTest::wrong).map(JobLogsTest::shown).toList());
        for (String id : IDS) {
            assertEquals(expected.get(id), told(all, id), id);
        }
        for (String thread : List.of("job-", "step-", "tool-errors", "Camel ")) {
            assertTrue(all.stream().anyMatch(line -> line.getThreadName().startsWith(thread)), thread);
        }
        assertTrue(all.stream().anyMatch(line -> line.getMDCPropertyMap().containsKey("step")));
        assertTrue(all.size() > 300, () -> "only " + all.size() + " lines");
    }

    private String spec(String id) {
        return """
               job: {id: %1$s, tags: {mine: "%1$s"}, retry: {limit: 1, delay: 10ms}}
               assets: {voice: "%2$s/voice.wav", photo: "%2$s/photo.png"}
               audio: {tracks: {a: [{asset: voice, gain: -%3$ddB}]}}
               video: {clips: [{asset: photo, length: 500ms}], fit: contain, filters: ["eq=contrast=1.%3$d"]}
               outputs: [{path: out/%1$s.mp4, preset: tiny}]
               """
                .formatted(id, home, IDS.indexOf(id) + 1);
    }

    /** Without the job's id though it is work on a job, or with another one than the message speaks of. */
    private static boolean wrong(ILoggingEvent line) {
        Map<String, String> fields = line.getMDCPropertyMap();
        String id = fields.getOrDefault("job_id", "none");
        boolean work = line.getThreadName().matches("(job-|step-|tool-|hash-|Camel \\(avo-job).*");
        List<String> named =
                IDS.stream().filter(line.getFormattedMessage()::contains).toList();
        boolean other = !named.isEmpty() && !named.equals(List.of(id));
        boolean tagged = !fields.containsKey("job_id") || id.equals(fields.get("tag:mine"));
        return work && !IDS.contains(id) || other || !tagged;
    }

    private static String shown(ILoggingEvent line) {
        return line.getThreadName() + " " + line.getMDCPropertyMap() + " " + line.getLoggerName() + " "
                + line.getFormattedMessage();
    }

    /** The lines a job should have by what the store knows of it, in no order: its branches run side by side. */
    private static List<String> history(List<StageRecord> stages) {
        List<String> lines = new ArrayList<>();
        for (StageRecord stage : stages) {
            boolean bad = List.of("failed", "cancelled").contains(stage.status());
            lines.add(stage.stage() + " began");
            lines.addAll(Collections.nCopies(stage.attempts() - 1, stage.stage() + " is tried again"));
            lines.add(stage.stage() + " " + (bad ? stage.status() : "ended"));
        }
        return lines.stream().sorted().toList();
    }

    private static List<String> told(List<ILoggingEvent> lines, String id) {
        return lines.stream()
                .filter(line -> id.equals(line.getMDCPropertyMap().get("job_id")))
                .map(ILoggingEvent::getFormattedMessage)
                .map(STAGE_LINE::matcher)
                .filter(Matcher::find)
                .map(line -> line.group(1) + " " + line.group(2))
                .sorted()
                .toList();
    }
}
