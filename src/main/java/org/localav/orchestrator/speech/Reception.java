package org.localav.orchestrator.speech;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/** Judges what a provider sends, header first, and takes it in as a file; everything else becomes a sentence. */
public final class Reception {
    private static final List<String> IDS =
            List.of("x-request-id", "request-id", "openai-request-id", "x-amzn-requestid", "x-goog-request-id");
    private static final int ERROR_BODY = 1 << 16;

    private final Provider provider;
    private final SpeechRequest request;
    private final Secrets secrets;

    /** What came over the wire; header names in any case, the first value of several. */
    public record Response(int status, Function<String, Optional<String>> headers, InputStream body) {
        Optional<String> header(String name) {
            return headers.apply(name).map(String::strip).filter(text -> !text.isEmpty());
        }
    }

    public Reception(Provider provider, SpeechRequest request, Secrets secrets) {
        this.provider = provider;
        this.request = request;
        this.secrets = secrets;
    }

    /**
     * Reads an answer to its end.
     *
     * @throws SpeechException when it is no sound, with what the provider says
     * @throws FileSystemException when it can't be kept: the disk is full, say
     * @throws IOException when the connection breaks
     */
    public SpeechAnswer take(Response response) throws SpeechException, IOException {
        if (response.status() != 200) {
            throw refused(response);
        }
        String type = response.header("Content-Type")
                .map(text -> text.split(";")[0].strip().toLowerCase(Locale.ROOT))
                .orElse("application/octet-stream");
        checkType(type, response);
        Optional<Long> announced = response.header("Content-Length")
                .filter(n -> n.matches("\\d{1,18}"))
                .map(Long::parseLong);
        if (announced.filter(length -> length > request.largest()).isPresent()) {
            throw tooLarge();
        }
        Path file = Files.createDirectories(request.folder()).resolve("answer");
        long bytes = copy(response.body(), file);
        if (bytes == 0) {
            throw SpeechException.passing(who() + " answered without any sound");
        }
        return provider.unwrap(new SpeechAnswer(file, type, vendorId(response)));
    }

    private long copy(InputStream body, Path file) throws IOException {
        long total = 0;
        byte[] buffer = new byte[1 << 14];
        try (OutputStream out = Files.newOutputStream(file)) {
            for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
                total += n;
                if (total > request.largest()) {
                    throw tooLarge();
                }
                keep(out, buffer, n, file);
            }
        }
        return total;
    }

    private static void keep(OutputStream out, byte[] buffer, int bytes, Path file) throws FileSystemException {
        try {
            out.write(buffer, 0, bytes);
        } catch (IOException e) {
            // The same type of failure from reading means that the provider broke off.
            throw new FileSystemException(file.toString(), null, e.getMessage());
        }
    }

    private void checkType(String type, Response response) throws IOException {
        boolean json = type.equals("application/json") || type.endsWith("+json");
        boolean sound = type.startsWith("audio/")
                || type.equals("application/octet-stream")
                || type.equals("binary/octet-stream")
                || type.equals("application/ogg");
        if (provider.wrapped() ? !json : !sound) {
            String said = json ? said(response) : "";
            throw SpeechException.lasting(who() + " answered with " + type + " and not with "
                    + (provider.wrapped() ? "JSON" : "sound") + said);
        }
    }

    private SpeechException refused(Response response) throws IOException {
        int status = response.status();
        if (status >= 300 && status < 400) {
            return new SpeechException(
                    who() + " answered " + status + ", which leads elsewhere; set its address in the settings instead",
                    false,
                    Optional.empty(),
                    status);
        }
        boolean retryable = status == 408 || status == 425 || status == 429 || status >= 500 && status != 501;
        Optional<java.time.Duration> after =
                response.header("Retry-After").flatMap(text -> RetryAfter.read(text, Instant.now()));
        String wait = after.map(time -> " (it asks to wait " + time.toSeconds() + " s)")
                .orElse("");
        return new SpeechException(who() + " answered " + status + wait + said(response), retryable, after, status);
    }

    private String said(Response response) throws IOException {
        byte[] body = response.body().readNBytes(ERROR_BODY);
        return Json.errorMessage(body).map(text -> ": " + secrets.hide(text)).orElse("");
    }

    private SpeechException tooLarge() {
        return SpeechException.lasting(
                who() + " sends more than the " + request.largest() + " bytes that tts.limit allows");
    }

    private static Optional<String> vendorId(Response response) {
        return IDS.stream()
                .flatMap(name -> response.header(name).stream())
                .filter(id -> id.length() <= 200 && id.chars().allMatch(c -> c > ' ' && c <= '~'))
                .findFirst();
    }

    /** The beginning of every sentence about this provider. */
    public String who() {
        return "the speech provider '" + provider.name() + "'";
    }
}
