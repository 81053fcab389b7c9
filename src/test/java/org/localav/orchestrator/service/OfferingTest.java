package org.localav.orchestrator.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.localav.orchestrator.media.LocalTools.make;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.localav.orchestrator.engine.Studio;
import org.localav.orchestrator.job.Crew;
import org.localav.orchestrator.job.Errand;
import org.localav.orchestrator.job.Prepared;
import org.localav.orchestrator.job.Report;
import org.localav.orchestrator.job.StepReport;
import org.localav.orchestrator.plan.Measured;
import org.localav.orchestrator.plan.Stage;
import org.localav.orchestrator.plan.Step;
import org.localav.orchestrator.process.Cancellation;
import org.localav.orchestrator.settings.Settings;
import org.localav.orchestrator.spec.SpecReader;
import org.localav.orchestrator.store.Claim;
import org.localav.orchestrator.store.Farewell;
import org.localav.orchestrator.store.JobStore;
import org.localav.orchestrator.store.LocalPostgres;
import org.localav.orchestrator.store.NewJob;
import org.localav.orchestrator.store.NodeStore;
import org.localav.orchestrator.store.OfferStore.Lent;
import org.localav.orchestrator.store.SqlJobStore;

/** A job of two clips on a node of one encoder, with the store and the engines of that node and of another. */
@Tag("tools")
@Timeout(60)
class OfferingTest {
    private static final String FILM =
            """
            version: 1
            job: {id: film}
            assets: {clip: %s}
            video:
              clips: [{asset: clip, in: 0s, out: 1s}, {asset: clip, in: 1s, out: 2s}]
              filters: ["eq=contrast=1.05"]
            outputs: [{path: out/film.mp4, preset: tiny}]
            """;

    /** An ffmpeg that says what the other does, and then encodes for ever. */
    private static final String STUCK =
            """
            #!/bin/sh
            case "$*" in *libx264*) : >"$(dirname "$0")/stuck"; exec sleep 60;; esac
            exec ffmpeg "$@"
            """;

    @TempDir
    Path home;

    private final List<AutoCloseable> open = new ArrayList<>();
    private JobStore store;
    private Studio studio;
    private Helping one;
    private Claim claim;
    private List<Step> clips;
    private Prepared prepared;

    @BeforeEach
    void aFilmThatIsMadeHere() throws Exception {
        store = closed(SqlJobStore.of(
                Settings.read(
                        Map.of(), Map.of("store.url", LocalPostgres.common().database())),
                home,
                Map.of()));
        studio = studio("one");
        Path media = make(home.resolve("clip.mp4"), "-f lavfi -i testsrc2=s=160x90:r=25:d=2 -c:v libx264 -bf 0");
        String spec = FILM.formatted(media);
        store.accept(new NewJob(
                "film",
                5,
                List.of(),
                Map.of(),
                Optional.empty(),
                "http",
                spec,
                "film.yaml",
                studio.jobs,
                false,
                Instant.now(),
                Optional.empty(),
                Map.of()));
        one = helping("one", studio, () -> false);
        claim = store.claim("one", "run", labels -> Optional.empty()).orElseThrow();
        prepared = studio.workshop.plan(
                SpecReader.read("film.yaml", spec, false), studio.jobs.resolve("film.yaml"), new Cancellation());
        clips = prepared.plan().of(Stage.VIDEO_CONCAT).stream()
                .filter(step -> step.needs().isEmpty())
                .toList();
        assertEquals(2, clips.size());
    }

    @AfterEach
    void close() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    private <T extends AutoCloseable> T closed(T thing) {
        open.add(thing);
        return thing;
    }

    private Studio studio(String name, String... settings) throws Exception {
        Map<String, String> all = new HashMap<>(Map.of(
                "state.folder",
                home.resolve("state").toString(),
                "store.url",
                "jdbc:postgresql://nowhere/avo",
                "node.name",
                name,
                "media.roots",
                home.toString(),
                "encoders",
                "1"));
        for (String setting : settings) {
            all.put(setting.split("=", 2)[0], setting.split("=", 2)[1]);
        }
        return closed(new Studio(home.resolve(name), all, Map.of()));
    }

    private Helping helping(String name, Studio its, BooleanSupplier idle) {
        Presence presence = new Presence(
                store,
                name,
                Duration.ofMinutes(1),
                new Badge(its.workshop, its.engine, Set.of(), 1),
                () -> {},
                () -> {});
        presence.start();
        Helping helping = new Helping(
                its.workshop,
                its.engine,
                store,
                new Feed(),
                name,
                presence,
                new Fitness(Set.of(), presence::others),
                idle);
        open.add(presence);
        helping.start();
        return closed(helping);
    }

    private Optional<String> holder(Step clip) {
        return Optional.ofNullable(store.offers().of(claim.token()).get(clip.key()))
                .flatMap(standing -> standing.node());
    }

    private boolean helped(Step clip) {
        return store.offers().of(claim.token()).get(clip.key()).report().isPresent();
    }

    private static void await(BooleanSupplier so) throws InterruptedException {
        while (!so.getAsBoolean()) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    /** The film's crew with the second clip on offer, while the first is made here. */
    private Crew offered(Duration lag) throws Exception {
        Offering crew = new Offering(one, store, claim, lag);
        crew.offer(prepared, clips);
        assertEquals(Optional.empty(), crew.turn(clips.get(0), new Cancellation()));
        await(() -> store.offers().of(claim.token()).containsKey(clips.get(1).key()));
        return crew;
    }

    private CompletableFuture<Optional<StepReport>> turn(Crew crew, Step clip) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return crew.turn(clip, new Cancellation());
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private void otherNode() throws Exception {
        String card = Report.JSON.writeValueAsString(new Badge(studio.workshop, studio.engine, Set.of(), 1).get());
        store.nodes()
                .join(
                        new NodeStore.Node("two", "of two", Presence.PROTOCOL, card),
                        Duration.ofMinutes(1),
                        Farewell.SILENT);
    }

    /** What a node tells that has made the second clip, and may not have put it where it is seen here. */
    private StepReport told() throws Exception {
        Lent lent = store.offers()
                .claim("two", studio.workshop.site(), labels -> true, Set.of())
                .orElseThrow();
        StepReport report = new StepReport(
                        clips.get(1).id(),
                        "video_concat",
                        lent.key(),
                        false,
                        List.of("ffmpeg"),
                        Optional.empty(),
                        Duration.ofSeconds(1),
                        Optional.empty(),
                        1,
                        Optional.empty(),
                        Map.of())
                .by(Optional.of("two"));
        assertTrue(store.offers().made(lent.claim(), Errand.json(report)));
        return report;
    }

    @Test
    void aNodeHelpsOnceNoJobOfItsOwnWaits() throws Exception {
        Semaphore looks = new Semaphore(0);
        AtomicBoolean idle = new AtomicBoolean();
        Helping two = helping("two", studio("two"), () -> {
            looks.release();
            return idle.get();
        });
        Crew crew = offered(Duration.ofSeconds(30));

        two.wake();
        looks.acquire();
        two.wake();
        looks.acquire();
        assertEquals(Optional.empty(), holder(clips.get(1)));
        idle.set(true);
        two.wake();

        StepReport made = turn(crew, clips.get(1)).join().orElseThrow();
        assertEquals(Optional.of("two"), made.node());
        assertTrue(studio.workshop.store().holds(clips.get(1).key()));
    }

    @Test
    void whatAHelperCanNotMakeInItsTimeIsMadeHere() throws Exception {
        Path stuck = Files.writeString(home.resolve("ffmpeg"), STUCK);
        assertTrue(stuck.toFile().setExecutable(true));
        Helping two = helping("two", studio("two", "ffmpeg.program=" + stuck, "ffmpeg.timeout=300ms"), () -> true);
        Crew crew = offered(Duration.ofSeconds(30));
        two.wake();
        await(() -> Files.exists(home.resolve("stuck")));

        CompletableFuture<Optional<StepReport>> turn = turn(crew, clips.get(1));
        crew.ended(clips.get(0));

        assertEquals(Optional.empty(), turn.join());
        assertFalse(studio.workshop.store().holds(clips.get(1).key()));
        assertEquals(Optional.empty(), holder(clips.get(1)));
    }

    @Test
    void waitsUntilASharedFolderShowsWhatAnotherNodeHasMade() throws Exception {
        otherNode();
        Crew crew = offered(Duration.ofSeconds(30));
        StepReport told = told();
        CompletableFuture<Optional<StepReport>> turn = turn(crew, clips.get(1));

        Path file = Files.writeString(home.resolve("clip.mkv"), "frames");
        studio.workshop
                .store()
                .put(
                        clips.get(1).key(),
                        "segment",
                        file,
                        new Measured(Duration.ofSeconds(1), Optional.empty(), Optional.of(25L)),
                        Map.of());

        assertEquals(Optional.of(told), turn.join());
    }

    @Test
    void makesHereWhatASharedFolderDoesNotShowInTime() throws Exception {
        otherNode();
        Crew crew = offered(Duration.ofMillis(300));
        told();

        assertEquals(Optional.empty(), turn(crew, clips.get(1)).join());
        assertTrue(helped(clips.get(1)));
    }
}
