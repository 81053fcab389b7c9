package org.localav.orchestrator.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.localav.orchestrator.route.Routes.write;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.spec.InvalidSpecException;

class RouteFolderTest {
    @TempDir
    Path folder;

    @Test
    void readsRouteFilesAtAnyDepthAndNothingElse() throws Exception {
        for (String name : new String[] {
            "job.camel.yaml",
            "a/b/c.camel.yaml",
            "notes.md",
            "job.yaml",
            ".#job.camel.yaml",
            "job.camel.yaml~",
            ".job.camel.yaml.swp",
            "job.camel.yaml.tmp",
            ".git/x.camel.yaml",
            "#job.camel.yaml#"
        }) {
            write(folder, name, "- route: {}");
        }
        write(folder, "blank.camel.yaml", " \n\n");
        write(folder, "comment.camel.yaml", "# all of it\n# switched off\n");

        assertEquals(
                Set.of("a/b/c.camel.yaml", "job.camel.yaml"),
                RouteFolder.read(folder).texts().keySet());
    }

    @Test
    void partsTheDoorsFromTheWork() throws Exception {
        for (String name : new String[] {
            "job",
            "intake-http",
            "ours/intake-mail",
            "speech-server",
            "tts-local",
            "stage-intake-like",
            "speech-server-two"
        }) {
            write(folder, name + ".camel.yaml", "- route: {}");
        }
        RouteFolder all = RouteFolder.read(folder);

        assertEquals(
                Set.of(
                        "intake-http.camel.yaml",
                        "ours/intake-mail.camel.yaml",
                        "speech-server.camel.yaml",
                        "speech-server-two.camel.yaml"),
                all.doors().texts().keySet());
        assertEquals(
                Set.of("job.camel.yaml", "stage-intake-like.camel.yaml", "tts-local.camel.yaml"),
                all.work().texts().keySet());
    }

    @Test
    void hasTheSameHashForTheSameTextAndAnotherForAnyChange() throws Exception {
        write(folder, "a.camel.yaml", "one");
        write(folder, "b.camel.yaml", "two");
        RouteFolder first = RouteFolder.read(folder);
        write(folder, "a.camel.yaml", "one");
        RouteFolder same = RouteFolder.read(folder);
        Files.move(folder.resolve("a.camel.yaml"), folder.resolve("c.camel.yaml"));
        RouteFolder renamed = RouteFolder.read(folder);

        assertEquals(first.hash(), same.hash());
        assertNotEquals(first.hash(), renamed.hash());
    }

    @Test
    void dropsAByteOrderMark() throws Exception {
        write(folder, "a.camel.yaml", "\uFEFF- route: {}");

        assertEquals("- route: {}", RouteFolder.read(folder).texts().get("a.camel.yaml"));
    }

    @Test
    void saysWhichFilesCannotBeTaken() throws Exception {
        Files.write(folder.resolve("latin.camel.yaml"), "- log: caf\u00e9".getBytes(StandardCharsets.ISO_8859_1));
        write(folder, "large.camel.yaml", "#".repeat(RouteFolder.MAX_FILE_BYTES + 1));
        Files.createSymbolicLink(folder.resolve("gone.camel.yaml"), Path.of("/nowhere/x"));
        Files.createDirectory(folder.resolve("folder.camel.yaml"));
        Files.createSymbolicLink(folder.resolve("loop"), folder);

        InvalidSpecException refused = assertThrows(InvalidSpecException.class, () -> RouteFolder.read(folder));

        assertEquals(
                Set.of(
                        folder + "/latin.camel.yaml: is not UTF-8 text",
                        folder + "/large.camel.yaml: has 262145 bytes; a route file may have 262144",
                        folder + "/gone.camel.yaml: is not a regular file",
                        folder + "/loop: can't be read: a link leads back to a folder above it"),
                Set.copyOf(refused.violations().stream().map(Object::toString).toList()));
    }
}
