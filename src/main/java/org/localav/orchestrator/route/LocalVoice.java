package org.localav.orchestrator.route;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.localav.orchestrator.cache.StepStore;
import org.localav.orchestrator.process.Cancellation;
import org.localav.orchestrator.process.Invocation;
import org.localav.orchestrator.process.Processes;
import org.localav.orchestrator.process.ToolFailedException;
import org.localav.orchestrator.speech.LocalRequest;
import org.localav.orchestrator.speech.Refusal;
import org.localav.orchestrator.speech.Voices;

/** What {@code routes/speech-server.camel.yaml} calls before and after espeak-ng. */
public final class LocalVoice {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    /** Well below the time after which who asked has given up. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

    /** The longest that the files of a request are of use is a tenth of this. */
    private static final Duration ABANDONED = Duration.ofMinutes(15);

    private static final String NAME = "avo-voice";
    private static final String FOLDER = "localVoiceFolder";
    private static final String TURN = "localVoiceTurn";
    private static final String SPOKEN = "spoken.wav";

    private final Processes processes;
    private final String program;
    private final Slots slots;
    private final Cancellation cancellation;
    private Voices voices;

    /**
     * @param parallel how many sentences are spoken at once
     * @param cancellation ends what is being spoken when the server goes
     */
    LocalVoice(Processes processes, String program, int parallel, Cancellation cancellation) {
        this.processes = processes;
        this.program = program;
        this.slots = new Slots(parallel);
        this.cancellation = cancellation;
    }

    /** Removes the texts and sounds that killed processes have left in the folder for temporary files. */
    static void sweep() throws IOException {
        Instant old = Instant.now().minus(ABANDONED);
        try (DirectoryStream<Path> left =
                Files.newDirectoryStream(Path.of(System.getProperty("java.io.tmpdir")), NAME + "*")) {
            for (Path folder : left) {
                if (Files.isWritable(folder)
                        && Files.getLastModifiedTime(folder).toInstant().isBefore(old)) {
                    StepStore.remove(folder);
                }
            }
        } catch (NoSuchFileException e) {
            // Another process sweeps, too, or has ended a request meanwhile.
            return;
        }
    }

    /** Turns the request in the body into arguments for espeak-ng. */
    public void read(Exchange exchange) throws Refusal, IOException, InterruptedException {
        byte[] body = exchange.getMessage().getBody(byte[].class);
        LocalRequest request = LocalRequest.read(body == null ? new byte[0] : body, voices());
        Path folder = Files.createTempDirectory(NAME);
        exchange.setProperty(FOLDER, folder);
        Path text = Files.writeString(folder.resolve("text"), request.text());
        exchange.getMessage().removeHeaders("*");
        Slots.Slot turn = slots.take(cancellation, LONGEST_WAIT)
                .orElseThrow(() -> new Refusal(
                        429,
                        "busy",
                        "other sentences have been spoken for " + LONGEST_WAIT.toSeconds()
                                + " s, as many at once as tts.parallel.local allows; try again later"));
        exchange.setProperty(TURN, turn);
        ToolCall.of(cancellation, LIMIT).into(exchange, request.arguments(text, folder.resolve(SPOKEN)));
    }

    /** Answers with the sound. */
    public void answer(Exchange exchange) throws IOException {
        byte[] sound =
                Files.readAllBytes(exchange.getProperty(FOLDER, Path.class).resolve(SPOKEN));
        reply(exchange, 200, "audio/wav", sound);
    }

    /** Answers with what went wrong. */
    public void refuse(Exchange exchange) {
        Throwable cause = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        Refusal refusal;
        if (cause instanceof Refusal told) {
            refusal = told;
        } else if (cause instanceof ToolFailedException tool && tool.exitCode() == 127) {
            // Not 500: trying again will not install it.
            refusal = new Refusal(501, "not_installed", tool.getMessage());
        } else {
            refusal = new Refusal(500, "not_spoken", "the text could not be spoken: " + cause.getMessage());
        }
        reply(exchange, refusal.status(), "application/json", refusal.json());
    }

    /** Lets the next sentence be spoken and removes the files of a request, however it ended. */
    public void clean(Exchange exchange) throws IOException {
        Slots.Slot turn = (Slots.Slot) exchange.removeProperty(TURN);
        if (turn != null) {
            turn.close();
        }
        Path folder = (Path) exchange.removeProperty(FOLDER);
        if (folder == null) {
            return;
        }
        List<Path> files;
        try (Stream<Path> found = Files.list(folder)) {
            files = found.toList();
        }
        for (Path file : files) {
            Files.deleteIfExists(file);
        }
        Files.deleteIfExists(folder);
    }

    private static void reply(Exchange exchange, int status, String type, byte[] body) {
        Message message = exchange.getMessage();
        message.removeHeaders("*");
        message.setHeader(Exchange.HTTP_RESPONSE_CODE, status);
        message.setHeader(Exchange.CONTENT_TYPE, type);
        message.setBody(body);
    }

    private synchronized Voices voices() throws IOException, InterruptedException {
        if (voices == null) {
            voices = new Voices(listing("--voices"), listing("--voices=variant"));
        }
        return voices;
    }

    private String listing(String option) throws IOException, InterruptedException {
        return processes
                .run(Invocation.of(program, List.of(option), LIMIT), cancellation)
                .output();
    }
}
