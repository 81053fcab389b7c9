package org.localav.orchestrator.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.cache.StepStore;
import org.localav.orchestrator.plan.Keys;
import org.localav.orchestrator.plan.Measured;

/** {@code avo cache} on a store of three results, used 40 and 20 days ago and now. */
class CacheCommandsTest {
    private static final Measured MEASURED = new Measured(Duration.ZERO, Optional.empty(), Optional.empty());

    @TempDir
    Path state;

    private StepStore store;
    private String out;
    private String err;

    @BeforeEach
    void fill() throws IOException {
        store = new StepStore(state.resolve("steps"), 1 << 30);
        used(put("old", "segment"), 40);
        used(put("older", "mix"), 20);
        put("new", "segment");
    }

    private StepStore.Entry put(String name, String kind) throws IOException {
        Path workspace = store.workspace("test");
        Path file = Files.write(workspace.resolve("result.bin"), new byte[100_000]);
        StepStore.Entry entry = store.put(Keys.sha256(name), kind, file, MEASURED, Map.of());
        Files.delete(workspace);
        return entry;
    }

    private static void used(StepStore.Entry entry, int daysAgo) throws IOException {
        Files.setLastModifiedTime(
                entry.file().getParent(), FileTime.from(Instant.now().minus(Duration.ofDays(daysAgo))));
    }

    private int avo(String... arguments) {
        StringWriter said = new StringWriter();
        StringWriter wrong = new StringWriter();
        List<String> all = Stream.concat(
                        Stream.of(arguments), Stream.of("--set", "state.folder=" + state, "--set", "steps.limit=250KB"))
                .toList();
        int code = Avo.commandLine()
                .setOut(new PrintWriter(said, true))
                .setErr(new PrintWriter(wrong, true))
                .execute(all.toArray(String[]::new));
        out = said.toString();
        err = wrong.toString();
        return code;
    }

    private JsonNode json() throws IOException {
        return new ObjectMapper().readTree(out);
    }

    @Test
    void statShowsWhatIsThere() throws IOException {
        store.pin("running").hold(List.of(Keys.sha256("new")));

        assertEquals(0, avo("cache", "stat"));

        assertTrue(out.contains("entries   3\n"), out);
        assertTrue(out.contains(" of 250.0 KB\n"), out);
        assertTrue(out.contains("last use  40d ago the oldest, "), out);
        assertTrue(out.contains("pinned    1 entry, "), out);
        assertTrue(out.lines().anyMatch(line -> line.matches("segment +2 +\\S+ KB")), out);
        assertEquals(0, avo("cache", "stat", "--json"));
        assertEquals(3, json().path("entries").asInt());
        assertEquals(256_000, json().path("limit").asInt());
        assertEquals(1, json().path("kinds").path("mix").path("entries").asInt());
        assertEquals(1, json().path("pinned").path("entries").asInt());
        assertTrue(Instant.parse(json().path("oldest_use").asText())
                .isBefore(Instant.parse(json().path("newest_use").asText())));
    }

    @Test
    void pruneGoesDownToTheLimitASizeOrAnAge() throws IOException {
        assertEquals(0, avo("cache", "prune", "--dry-run"));
        assertTrue(out.startsWith("would remove 1 entry, "), out);
        assertEquals(0, avo("cache", "prune", "--older-than", "30d", "--json"));
        assertEquals(1, json().path("entries").asInt());
        assertFalse(store.holds(Keys.sha256("old")));
        assertEquals(0, avo("cache", "prune", "--to", "120KB"));
        assertTrue(out.startsWith("removed 1 entry, "), out);
        assertTrue(store.holds(Keys.sha256("new")));
        store.pin("running").hold(List.of(Keys.sha256("new")));
        assertEquals(0, avo("cache", "prune", "--to", "0"));
        assertTrue(out.endsWith(" stay, 1 of them needed by running jobs\n"), out);
        assertTrue(store.holds(Keys.sha256("new")));
    }

    @Test
    void pruneRefusesWhatIsReadOnlyAndWhatIsNoSizeOrAge() {
        assertEquals(3, avo("cache", "prune", "--read-only"));
        assertEquals("blocked: read-only: pruning removes files; add --dry-run, or leave out --read-only\n", err);
        assertEquals(0, avo("cache", "prune", "--read-only", "--dry-run"));
        assertEquals(2, avo("cache", "prune", "--to", "5XB"));
        assertTrue(err.startsWith("--to: '5XB' is not a size such as 512MB or 20GB\n"), err);
        assertEquals(2, avo("cache", "prune", "--older-than", "yesterday"));
        assertTrue(err.startsWith("--older-than: 'yesterday' is not an age such as 30d, 12h or 45m\n"), err);
        assertEquals(2, avo("cache"));
        assertTrue(store.holds(Keys.sha256("old")));
    }

    @Test
    void verifySetsAsideWhatRottedAndSaysSo() throws IOException {
        Path rotten = store.find(Keys.sha256("old")).orElseThrow().file();
        byte[] bytes = Files.readAllBytes(rotten);
        bytes[50_000] ^= 1;
        Files.write(rotten, bytes);

        assertEquals(1, avo("cache", "verify", "--read-only"));
        assertTrue(out.contains(Keys.sha256("old") + ": result.bin has another content: its SHA-256 is "), out);
        assertTrue(out.contains(": 1 damaged, left where they are\n"), out);
        assertTrue(Files.exists(rotten));
        assertEquals(1, avo("cache", "verify", "--json"));
        List<String> lines = out.lines().toList();
        assertEquals(2, lines.size(), out);
        ObjectMapper mapper = new ObjectMapper();
        assertEquals(
                Keys.sha256("old"),
                mapper.readTree(lines.get(0)).path("damaged").path("key").asText());
        JsonNode sums = mapper.readTree(lines.get(1)).path("verified");
        assertEquals(3, sums.path("entries").asInt());
        assertEquals(1, sums.path("set_aside").asInt());
        assertFalse(Files.exists(rotten));

        assertEquals(0, avo("cache", "verify"));
        assertTrue(out.endsWith(": all as they were stored\n"), out);
        assertTrue(avo("cache", "stat") == 0 && out.contains("damaged   1 entry, "), out);
    }

    @Test
    void anEmptyStateIsNotMadeByLookingAtIt() {
        state = state.resolve("none");

        assertEquals(0, avo("cache", "stat"));
        assertEquals(0, avo("cache", "verify"));
        assertEquals(0, avo("cache", "prune", "--dry-run", "--older-than", "1d"));

        assertFalse(Files.exists(state));
    }
}
