package org.localav.orchestrator.settings;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Where the program's folders are.
 *
 * @param routes routes/*.camel.yaml
 * @param presets presets/*.yaml
 * @param inbox where specs are dropped
 * @param state what holds the step store and the archive, which nodes may share
 * @param own what holds that of this node alone: work folders, running programs
 */
public record Places(Path routes, Path presets, Path inbox, Path state, Path own) {
    public static Places of(Settings settings, Map<String, String> environment) {
        Path home = Path.of(System.getProperty("avo.home", "")).toAbsolutePath().normalize();
        Path state = folder(settings, "state.folder", stateHome(environment).resolve("avo"));
        return new Places(
                folder(settings, "routes.folder", home.resolve("routes")),
                folder(settings, "presets.folder", home.resolve("presets")),
                folder(settings, "inbox.folder", home.resolve("inbox")),
                state,
                settings.text("store.url").isEmpty()
                        ? state
                        : state.resolve("nodes").resolve(NodeName.of(settings)));
    }

    private static Path folder(Settings settings, String key, Path otherwise) {
        return settings.folders(key).stream().findFirst().orElse(otherwise);
    }

    private static Path stateHome(Map<String, String> environment) {
        String xdg = environment.getOrDefault("XDG_STATE_HOME", "");
        // The XDG specification tells to ignore a relative path.
        return xdg.startsWith("/")
                ? Path.of(xdg)
                : Path.of(System.getProperty("user.home")).resolve(".local/state");
    }

    /**
     * Makes the state folder where there is none.
     *
     * @throws InvalidSettingException when it can't be made or written
     */
    public void makeState() {
        try {
            // A try, because what a mount or a container allows can't be read from permissions.
            Files.delete(Files.createTempFile(Files.createDirectories(state), "writable", ""));
        } catch (IOException e) {
            String why = e instanceof FileSystemException system && system.getReason() != null
                    ? system.getReason()
                    : e instanceof AccessDeniedException ? "Permission denied" : e.getMessage();
            throw new InvalidSettingException("the state folder " + state + " can't be written (" + why
                    + "); name another folder: --set state.folder=FOLDER or AVO_STATE_FOLDER=FOLDER");
        }
    }

    public Path steps() {
        return state.resolve("steps");
    }

    public Path work() {
        return own.resolve("work");
    }

    public Path archive() {
        return state.resolve("archive");
    }

    /** What holds the audit log. */
    public Path audit() {
        return state.resolve("audit");
    }

    public Path processes() {
        return own.resolve("processes");
    }

    /** How fast this node is. */
    public Path history() {
        return ownFacts().resolve("history.json");
    }

    /** What holds the token of the HTTP API. */
    public Path tokenFile(Settings settings) {
        return folder(settings, "http.token_file", state.resolve("token"));
    }

    /** Pictures of outputs. */
    public Path previews() {
        return state.resolve("previews");
    }

    /** What was found out about the programs and files of this machine, where others may see other ones. */
    public Path ownFacts() {
        return own.resolve("facts");
    }

    public Path facts() {
        return state.resolve("facts");
    }
}
