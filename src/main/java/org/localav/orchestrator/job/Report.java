package org.localav.orchestrator.job;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.localav.orchestrator.media.MediaInfo;
import org.localav.orchestrator.plan.Keys;
import org.localav.orchestrator.process.ToolFailedException;
import org.localav.orchestrator.spec.InvalidSpecException;
import org.localav.orchestrator.spec.JobSpec;

/**
 * All that is known of a finished run, as {@code report.json}: what went in, what was done, what came out. Durations are
 * seconds.
 *
 * @param speech what was asked of the providers in this run, and what it cost in {@code currency}
 * @param loudness what the sound was to meet
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record Report(
        int version,
        String jobId,
        String run,
        String requestId,
        Optional<String> title,
        Map<String, String> tags,
        String status,
        Instant createdAt,
        Optional<Instant> endedAt,
        Duration took,
        Spec spec,
        Map<String, String> versions,
        List<Input> inputs,
        List<StageRecord> stages,
        List<StepReport> steps,
        List<Expense.Speech> speech,
        String currency,
        Optional<JobSpec.Loudness> loudness,
        List<Published> outputs,
        List<Trial> trials,
        List<String> notes,
        Optional<Failure> failure) {

    /** For people and programs: indented, snake_case, durations as seconds to the millisecond. */
    public static final JsonMapper JSON = JsonMapper.builder()
            .addModule(new Jdk8Module())
            .addModule(new JavaTimeModule())
            .addModule(new SimpleModule()
                    .addSerializer(Duration.class, new Seconds())
                    .addSerializer(Path.class, ToStringSerializer.instance))
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    /** The spec as a file. */
    public record Spec(Path file, String sha256) {}

    /** A source file with its facts, also in a few words. */
    public record Input(String alias, Path path, String sha256, long bytes, String summary, MediaInfo facts) {}

    /**
     * Why a job did not succeed.
     *
     * @param kind invalid_spec, blocked, or failed for all else
     * @param command of the program that failed, as its last lines are
     */
    public record Failure(String kind, String sentence, Optional<String> command, List<String> lastLines) {
        public static Failure of(Job job, String sentence, Throwable cause) {
            return cause instanceof ToolFailedException tool
                    ? new Failure("failed", sentence, Optional.of(job.pasteable(tool.command())), tool.lastLines())
                    : new Failure(kind(cause), sentence, Optional.empty(), List.of());
        }

        private static String kind(Throwable cause) {
            if (cause instanceof InvalidSpecException) {
                return "invalid_spec";
            }
            return cause instanceof BlockedException ? "blocked" : "failed";
        }
    }

    public static Report of(Job job, Map<String, String> versions, Expenses expenses, Optional<Failure> failure) {
        List<Input> inputs = job.prepared().stream()
                .flatMap(p -> p.assets().values().stream())
                .map(a -> new Input(
                        a.alias(), a.path(), a.source().sha256(), a.bytes(), MediaWords.of(a.info()), a.info()))
                .sorted(java.util.Comparator.comparing(Input::alias))
                .toList();
        return new Report(
                1,
                job.id(),
                job.run(),
                job.caller().requestId(),
                job.spec().job().title(),
                job.spec().job().tags(),
                job.status().id(),
                job.createdAt(),
                job.endedAt(),
                job.age(),
                new Spec(job.specFile(), Keys.sha256(job.parsed().text())),
                versions,
                inputs,
                job.records(),
                job.steps(),
                expenses.spent(job),
                expenses.currency(),
                job.spec().audio().flatMap(JobSpec.Audio::loudness),
                job.published(),
                job.trials(),
                job.notes(),
                failure);
    }

    public byte[] toJson() {
        try {
            return JSON.writeValueAsBytes(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a report holds something that can't be written", e);
        }
    }

    private static final class Seconds extends StdSerializer<Duration> {
        private static final long serialVersionUID = 1L;

        Seconds() {
            super(Duration.class);
        }

        @Override
        public void serialize(Duration value, JsonGenerator json, SerializerProvider provider) throws IOException {
            json.writeNumber(BigDecimal.valueOf(value.toMillis(), 3));
        }
    }
}
