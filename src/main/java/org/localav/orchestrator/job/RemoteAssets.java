package org.localav.orchestrator.job;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.localav.orchestrator.cache.Digests;
import org.localav.orchestrator.cache.StepStore;
import org.localav.orchestrator.log.SignedUrls;
import org.localav.orchestrator.plan.Keys;
import org.localav.orchestrator.plan.Measured;
import org.localav.orchestrator.process.Cancellation;
import org.localav.orchestrator.settings.Settings;
import org.localav.orchestrator.trace.Caller;

/**
 * Fetches assets named by URL from the hosts the operator allows, once: the content is kept in the step store under the
 * SHA-256 the spec demands, so a server that changes its mind changes nothing.
 */
public final class RemoteAssets {
    private final Settings settings;
    private final StepStore store;

    public RemoteAssets(Settings settings, StepStore store) {
        this.settings = settings;
        this.store = store;
    }

    /** A URL that gives no usable file; the sentence says which and why. */
    public static final class RemoteAssetException extends Exception {
        private static final long serialVersionUID = 1L;

        RemoteAssetException(String message) {
            super(message);
        }
    }

    /**
     * The local file with this content.
     *
     * @param sha256 64 hex digits
     * @param pin keeps the file for the job
     * @throws BlockedException when the operator doesn't allow the host
     */
    public Path fetch(String url, String sha256, StepStore.Pin pin, Cancellation cancellation)
            throws BlockedException, RemoteAssetException, IOException, InterruptedException {
        URI uri = URI.create(url);
        if (!settings.words("remote.hosts").contains(uri.getHost())) {
            throw new BlockedException(List.of("the operator doesn't allow assets from the host '" + uri.getHost()
                    + "'; download the file, or let the operator add the host to remote.hosts"));
        }
        String key = Keys.sha256("remote " + sha256.toLowerCase(java.util.Locale.ROOT));
        pin.hold(List.of(key));
        Optional<StepStore.Entry> kept = store.find(key);
        if (kept.isPresent()) {
            return kept.get().file();
        }
        refuseInside(uri);
        Path workspace = store.workspace("remote");
        try {
            Path file = workspace.resolve("asset");
            download(uri, file, cancellation);
            String found = Digests.sha256(file);
            if (!found.equalsIgnoreCase(sha256)) {
                throw new RemoteAssetException(
                        SignedUrls.cut(url) + " has another content than the spec expects: its SHA-256 is " + found);
            }
            return store.put(
                            key,
                            "remote",
                            file,
                            found,
                            new Measured(Duration.ZERO, Optional.empty(), Optional.empty()),
                            Map.of())
                    .file();
        } finally {
            StepStore.remove(workspace);
        }
    }

    /** A link-local address is a cloud's metadata service, never a media server. */
    private static void refuseInside(URI uri) throws BlockedException, RemoteAssetException {
        try {
            for (InetAddress address : InetAddress.getAllByName(uri.getHost())) {
                if (address.isLinkLocalAddress() || address.isAnyLocalAddress() || address.isMulticastAddress()) {
                    throw new BlockedException(List.of("the host '" + uri.getHost() + "' leads to "
                            + address.getHostAddress() + ", where no asset is fetched from"));
                }
            }
        } catch (IOException e) {
            throw new RemoteAssetException("the host '" + uri.getHost() + "' is not known");
        }
    }

    private void download(URI uri, Path file, Cancellation cancellation)
            throws RemoteAssetException, IOException, InterruptedException {
        Instant deadline = Instant.now().plus(settings.duration("remote.timeout"));
        HttpClient client = HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(Duration.ofSeconds(10))
                .build();
        HttpRequest request = HttpRequest.newBuilder(uri)
                .timeout(settings.duration("remote.timeout"))
                .header("X-Request-Id", Caller.now().requestId())
                .build();
        HttpResponse<InputStream> response;
        try {
            response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
        } catch (IOException e) {
            throw new RemoteAssetException(SignedUrls.cut(uri.toString()) + " can't be fetched: " + e.getMessage());
        }
        if (response.statusCode() != 200) {
            response.body().close();
            throw new RemoteAssetException(
                    SignedUrls.cut(uri.toString()) + " answers " + response.statusCode() + ", not 200");
        }
        long limit = settings.bytes("remote.limit");
        try (InputStream in = response.body();
                AutoCloseable ended = cancellation.onCancel(() -> closeQuietly(response.body()));
                var out = Files.newOutputStream(file)) {
            byte[] buffer = new byte[1 << 16];
            long total = 0;
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                total += n;
                if (total > limit) {
                    throw new RemoteAssetException(
                            SignedUrls.cut(uri.toString()) + " is larger than remote.limit (" + limit + " bytes)");
                }
                if (Instant.now().isAfter(deadline)) {
                    throw new RemoteAssetException(SignedUrls.cut(uri.toString()) + " took longer than remote.timeout");
                }
                out.write(buffer, 0, n);
            }
        } catch (IOException e) {
            cancellation.throwIfCancelled();
            throw new RemoteAssetException(SignedUrls.cut(uri.toString()) + " broke off: " + e.getMessage());
        } catch (RemoteAssetException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    private static void closeQuietly(InputStream in) {
        try {
            in.close();
        } catch (IOException e) {
            // It is being given up anyway.
            return;
        }
    }
}
