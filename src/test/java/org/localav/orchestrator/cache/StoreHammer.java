package org.localav.orchestrator.cache;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.localav.orchestrator.plan.Keys;
import org.localav.orchestrator.plan.Measured;

/**
 * One of several processes that put in, find, damage and evict the same few entries as fast as they can. It fails at the
 * first thing that a job must never meet.
 */
final class StoreHammer {
    private static final int KEYS = 12;
    private static final int THREADS = 3;
    private static final Measured MEASURED = new Measured(Duration.ZERO, Optional.empty(), Optional.empty());

    private final Path folder;

    private StoreHammer(Path folder) {
        this.folder = folder;
    }

    /** Arguments: the store's folder, and how many milliseconds to go on. */
    public static void main(String[] arguments) throws Exception {
        StoreHammer hammer = new StoreHammer(Path.of(arguments[0]));
        Instant end = Instant.now().plusMillis(Long.parseLong(arguments[1]));
        AtomicReference<Throwable> wrong = new AtomicReference<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            Thread thread = new Thread(() -> {
                try {
                    Random random = new Random();
                    // A store each, as if each were a node.
                    StepStore store = new StepStore(hammer.folder, 4_000);
                    while (Instant.now().isBefore(end) && wrong.get() == null) {
                        hammer.strike(store, random);
                    }
                } catch (Throwable e) {
                    wrong.set(e);
                }
            });
            thread.start();
            threads.add(thread);
        }
        System.out.println("hammering");
        for (Thread thread : threads) {
            thread.join();
        }
        if (wrong.get() != null) {
            wrong.get().printStackTrace();
            System.exit(1);
        }
    }

    private void strike(StepStore store, Random random) throws IOException {
        int number = random.nextInt(KEYS);
        switch (random.nextInt(8)) {
            case 0 -> store.prune(new Eviction.Goal(random.nextInt(5_000), Optional.empty(), false));
            case 1 -> store.evict();
            case 2 -> damage(store, number);
            case 3, 4 -> read(store.find(key(number)), number);
            default -> job(store, number);
        }
    }

    /** What a job does: it says what it needs, makes what is missing, and reads it as often as it likes. */
    private void job(StepStore store, int number) throws IOException {
        try (StepStore.Pin pin = store.pin("job")) {
            pin.hold(List.of(key(number)));
            StepStore.Entry entry = store.find(key(number)).orElse(null);
            if (entry == null) {
                entry = put(store, number);
            }
            for (int i = 0; i < 5; i++) {
                if (!damageable(number) && !Arrays.equals(Files.readAllBytes(entry.file()), content(number))) {
                    throw new IllegalStateException("a job reads other bytes than were put in");
                }
                if (!damageable(number) && store.find(key(number)).isEmpty()) {
                    throw new IllegalStateException("what a running job needs is gone");
                }
            }
        }
    }

    private StepStore.Entry put(StepStore store, int number) throws IOException {
        Path workspace = store.workspace("hammer");
        Path file = Files.write(workspace.resolve("result.bin"), content(number));
        StepStore.Entry entry = store.put(key(number), "test", file, MEASURED, Map.of());
        StepStore.remove(workspace);
        return entry;
    }

    /** Who pins nothing may lose it any time, but never reads anything else. */
    private void read(Optional<StepStore.Entry> found, int number) throws IOException {
        if (found.isEmpty() || damageable(number)) {
            return;
        }
        try {
            if (!Arrays.equals(Files.readAllBytes(found.get().file()), content(number))) {
                throw new IllegalStateException("a reader sees other bytes than were put in");
            }
        } catch (java.nio.file.NoSuchFileException e) {
            // Evicted since.
            return;
        }
    }

    private static boolean damageable(int number) {
        return number % 4 == 0;
    }

    private void damage(StepStore store, int number) throws IOException {
        if (damageable(number)) {
            Path file = store.place(key(number)).resolve("result.bin");
            try {
                byte[] bytes = Files.readAllBytes(file);
                bytes[bytes.length / 2] ^= 1;
                Files.write(file, bytes, java.nio.file.StandardOpenOption.WRITE);
            } catch (java.nio.file.NoSuchFileException e) {
                // Evicted since.
                return;
            }
        }
    }

    static String key(int number) {
        return Keys.sha256("hammer " + number);
    }

    static byte[] content(int number) {
        return ("content of " + number + " ").repeat(40 + number).getBytes(StandardCharsets.US_ASCII);
    }
}
