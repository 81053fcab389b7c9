package org.localav.orchestrator.door;

import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.AsyncFile;
import io.vertx.core.file.OpenOptions;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.localav.orchestrator.service.JobService;
import org.localav.orchestrator.service.Outputs;
import org.localav.orchestrator.service.Outputs.Output;
import org.localav.orchestrator.service.Previews;

/**
 * {@code GET /api/jobs/ID/outputs/NUMBER}: what a job has published, in any part of it, and pictures of it. These are no
 * Camel routes, because Camel reads a file whole before it sends it.
 */
final class OutputFiles implements AutoCloseable {
    /** ffmpegs that draw pictures at once, beside those of jobs. */
    private static final int DRAWN_AT_ONCE = 2;

    private static final int MOST_WAITING = 64;
    private static final int CHUNK = 1 << 16;
    private static final Map<String, String> TYPES = Map.ofEntries(
            Map.entry("mp4", "video/mp4"),
            Map.entry("m4v", "video/mp4"),
            Map.entry("mov", "video/quicktime"),
            Map.entry("webm", "video/webm"),
            Map.entry("mkv", "video/x-matroska"),
            Map.entry("gif", "image/gif"),
            Map.entry("m4a", "audio/mp4"),
            Map.entry("aac", "audio/aac"),
            Map.entry("mp3", "audio/mpeg"),
            Map.entry("wav", "audio/wav"),
            Map.entry("flac", "audio/flac"),
            Map.entry("ogg", "audio/ogg"),
            Map.entry("opus", "audio/ogg"));

    private final Vertx vertx;
    private final Outputs outputs;
    private final Previews previews;
    private final Patience patience;
    private final WorkerExecutor drawing;
    private final AtomicInteger waiting = new AtomicInteger();

    OutputFiles(Vertx vertx, JobService service, Patience patience) {
        this.vertx = vertx;
        this.outputs = new Outputs(service);
        this.previews = new Previews(service.workshop());
        this.patience = patience;
        this.drawing = vertx.createSharedWorkerExecutor("previews", DRAWN_AT_ONCE);
    }

    void mount(Router router) {
        String path = "/api/jobs/:id/outputs/:number";
        router.get(path).handler(this::file);
        for (Previews.Kind kind : Previews.Kind.values()) {
            router.get(path + "/" + kind.id()).handler(context -> picture(context, kind));
        }
    }

    private Output find(RoutingContext context) throws Exception {
        String number = context.pathParam("number");
        if (!number.matches("[1-9]\\d{0,3}")) {
            throw Call.bad("an output is named by its number, from 1");
        }
        return outputs.find(context.pathParam("id"), Integer.parseInt(number));
    }

    private void file(RoutingContext context) {
        vertx.executeBlocking(() -> find(context), false)
                .onFailure(failure -> Problem.of(failure).answer(context))
                .onSuccess(output -> send(context, output));
    }

    private void send(RoutingContext context, Output output) {
        String name = output.file().getFileName().toString();
        String etag = '"' + output.sha256() + '"';
        HttpServerResponse response = context.response()
                .putHeader("ETag", etag)
                .putHeader("Accept-Ranges", "bytes")
                .putHeader("Content-Type", type(name))
                .putHeader(
                        "Content-Disposition",
                        ("true".equals(context.request().getParam("download")) ? "attachment" : "inline")
                                + "; filename*=UTF-8''"
                                + URLEncoder.encode(name, StandardCharsets.UTF_8)
                                        .replace("+", "%20"));
        if (etag.equals(context.request().getHeader("If-None-Match"))) {
            response.setStatusCode(304).end();
            return;
        }
        String ifRange = context.request().getHeader("If-Range");
        String asked =
                ifRange == null || ifRange.equals(etag) ? context.request().getHeader("Range") : null;
        ByteRange range = ByteRange.of(asked, output.bytes());
        if (range.empty()) {
            Problem.rangeOutside(output.bytes()).answer(context);
            return;
        }
        if (range.part()) {
            response.setStatusCode(206).putHeader("Content-Range", range.header());
        }
        response.putHeader("Content-Length", Long.toString(range.length()));
        vertx.fileSystem()
                .open(
                        output.file().toString(),
                        new OpenOptions().setRead(true).setWrite(false).setCreate(false))
                .onFailure(failure -> Problem.of(failure).answer(context))
                .onSuccess(file -> pump(context, file, range));
    }

    /** A client that takes nothing for long is let go; a player that comes back asks for the rest. */
    private void pump(RoutingContext context, AsyncFile file, ByteRange range) {
        HttpServerResponse response = context.response();
        file.setReadPos(range.first()).setReadLength(range.length()).setReadBufferSize(CHUNK);
        long[] taken = {0};
        long watch = vertx.setPeriodic(patience.stalled().toMillis(), due -> {
            if (response.bytesWritten() == taken[0]) {
                Connections.cut(context.request().connection());
            }
            taken[0] = response.bytesWritten();
        });
        file.pipeTo(response).onComplete(sent -> {
            vertx.cancelTimer(watch);
            file.close();
            if (sent.failed()) {
                // Less than was promised: what is left of the connection is of no use.
                Connections.cut(context.request().connection());
            }
        });
    }

    private static String type(String name) {
        String ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        return TYPES.getOrDefault(ending, "application/octet-stream");
    }

    private void picture(RoutingContext context, Previews.Kind kind) {
        if (waiting.incrementAndGet() > MOST_WAITING) {
            waiting.decrementAndGet();
            Problem.busy(MOST_WAITING + " pictures are being drawn already; ask again in a moment")
                    .answer(context);
            return;
        }
        drawing.executeBlocking(() -> draw(context, kind), false).onComplete(drawn -> {
            waiting.decrementAndGet();
            if (drawn.failed()) {
                Problem.of(drawn.cause()).answer(context);
            } else if (drawn.result().etag.equals(context.request().getHeader("If-None-Match"))) {
                context.response()
                        .putHeader("ETag", drawn.result().etag)
                        .setStatusCode(304)
                        .end();
            } else {
                context.response()
                        .putHeader("ETag", drawn.result().etag)
                        .putHeader("Content-Type", kind.mediaType())
                        .end(drawn.result().bytes);
            }
        });
    }

    private record Drawn(String etag, Buffer bytes) {}

    private Drawn draw(RoutingContext context, Previews.Kind kind) throws Exception {
        Output output = find(context);
        try {
            byte[] bytes = Files.readAllBytes(previews.of(output, kind));
            return new Drawn('"' + output.sha256() + "-" + kind.id() + '"', Buffer.buffer(bytes));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProblemException(Problem.closed("the service is ending"));
        }
    }

    @Override
    public void close() {
        previews.close();
    }
}
