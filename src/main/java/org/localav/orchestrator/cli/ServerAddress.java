package org.localav.orchestrator.cli;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.localav.orchestrator.settings.InvalidSettingException;
import org.localav.orchestrator.settings.Places;
import org.localav.orchestrator.settings.Settings;

/**
 * Where the service is and the token that it wants. The token of this machine's service goes to no other machine.
 *
 * @param url without a slash at its end
 * @param tokenAdvice what to say when the service doesn't take the token
 */
record ServerAddress(String url, Optional<String> token, String tokenAdvice) {
    private static final Set<String> HERE = Set.of("localhost", "127.0.0.1", "[::1]");

    static ServerAddress find(Optional<String> named, Settings settings, Map<String, String> environment) {
        Optional<String> elsewhere =
                named.or(() -> set(environment, "AVO_SERVER")).map(ServerAddress::checked);
        String url = elsewhere.orElseGet(() -> local(settings));
        Optional<String> token = set(environment, "AVO_TOKEN");
        if (token.isPresent()) {
            return new ServerAddress(url, token, "the service at " + url + " does not take the token in AVO_TOKEN");
        }
        if (elsewhere.isPresent() && !HERE.contains(host(url))) {
            return new ServerAddress(
                    url, Optional.empty(), "the service at " + url + " wants its token; put it into AVO_TOKEN");
        }
        return withToken(url, Places.of(settings, environment).tokenFile(settings));
    }

    private static ServerAddress withToken(String url, Path file) {
        try {
            return new ServerAddress(
                    url,
                    Optional.of(Files.readString(file).strip()).filter(text -> !text.isEmpty()),
                    "the service at " + url + " does not take the token in " + file
                            + "; does it keep its state elsewhere? Then put its token into AVO_TOKEN");
        } catch (IOException e) {
            String why = e instanceof NoSuchFileException
                    ? "is not there"
                    : "can't be read" + (e instanceof AccessDeniedException ? ": permission denied" : ": " + e);
            return new ServerAddress(
                    url,
                    Optional.empty(),
                    "the service at " + url + " wants its token, and " + file + " " + why
                            + "; put the token into AVO_TOKEN, or ask as the user that the service runs as");
        }
    }

    private static Optional<String> set(Map<String, String> environment, String name) {
        return Optional.ofNullable(environment.get(name)).map(String::strip).filter(text -> !text.isEmpty());
    }

    private static String local(Settings settings) {
        int port = settings.integer("http.port");
        if (port == 0) {
            throw new InvalidSettingException(
                    "http.port is 0, a free port each time; say where the service is with --server or AVO_SERVER");
        }
        String host = settings.text("http.host");
        // Where it listens on all addresses, any of them will do.
        String reachable =
                switch (host) {
                    case "0.0.0.0" -> "127.0.0.1";
                    case "::" -> "::1";
                    default -> host;
                };
        return "http://" + (reachable.contains(":") ? "[" + reachable + "]" : reachable) + ":" + port;
    }

    private static String checked(String written) {
        String whole = written.contains("://") ? written : "http://" + written;
        try {
            URI uri = new URI(whole);
            boolean web = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
            if (web && uri.getHost() != null && uri.getQuery() == null && uri.getFragment() == null) {
                return whole.replaceAll("/+$", "");
            }
        } catch (URISyntaxException e) {
            // It is said below what would be right.
        }
        throw new InvalidSettingException("'" + JobView.plain(written)
                + "' is no address of a service; it should read like http://127.0.0.1:8080 (--server or AVO_SERVER)");
    }

    private static String host(String url) {
        return URI.create(url).getHost().toLowerCase(Locale.ROOT);
    }
}
