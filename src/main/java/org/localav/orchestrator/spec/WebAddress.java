package org.localav.orchestrator.spec;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;

/** What a URL in a spec must look like: http or https, with a host, without a user name or password. */
final class WebAddress {
    private WebAddress() {}

    /** What is wrong with the URL, if anything; the sentence shows no password. */
    static Optional<String> wrong(String url) {
        URI uri;
        try {
            uri = new URI(url);
        } catch (URISyntaxException e) {
            return Optional.of("is no URL (" + e.getReason() + "); write https://host/path");
        }
        if (uri.getRawAuthority() != null && uri.getRawAuthority().contains("@")) {
            return Optional.of("must not hold a user name or password; remove what stands before the '@'");
        }
        boolean web = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
        if (!web || uri.getHost() == null || uri.getHost().isEmpty()) {
            return Optional.of(Suggestion.quote(url) + " is no web address; write https://host/path");
        }
        if (uri.getPort() > 65535) {
            return Optional.of("has the port " + uri.getPort() + "; ports end at 65535");
        }
        return Optional.empty();
    }
}
