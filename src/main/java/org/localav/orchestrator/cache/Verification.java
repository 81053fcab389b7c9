package org.localav.orchestrator.cache;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import org.slf4j.LoggerFactory;

/** Tells entries that are no longer what was put in, and sets them aside. */
public final class Verification {
    private final StepStore store;

    Verification(StepStore store) {
        this.store = store;
    }

    /** Hears what is found as it is found. */
    public interface Watcher {
        /** One more entry was read, damaged or not. */
        void read(long bytes);

        /** @param what is wrong with the entry, as a sentence */
        void damaged(String key, String what);
    }

    void run(boolean setAside, Watcher watcher) throws IOException {
        new Shelves(store.folder()).entries(item -> {
            try {
                item.folder().check(item.key(), true);
            } catch (NoSuchFileException e) {
                // Evicted since it was listed.
                return;
            } catch (DamagedException e) {
                watcher.damaged(item.key(), e.getMessage());
                if (setAside) {
                    setAside(item.key(), e.getMessage(), true);
                }
            }
            watcher.read(item.bytes());
        });
    }

    /**
     * Moves an entry into {@code damaged/} with a note beside it.
     *
     * @param what is wrong with it, as a sentence
     * @param always as in {@link EntryFolder#check}
     */
    void setAside(String key, String what, boolean always) {
        Path aside = store.damaged(key + "-" + UUID.randomUUID());
        try {
            if (!store.pins().mark(key)) {
                store.pins().awaitUnmarked(key);
                return;
            }
            try {
                // Another process may have set the damaged one aside and put in a new one since we looked.
                if (!sound(store.place(key), key, always)) {
                    Files.createDirectories(aside.getParent());
                    Files.move(store.place(key), aside, StandardCopyOption.ATOMIC_MOVE);
                    Files.writeString(aside.resolve("note.txt"), store.clock().now() + " " + what + "\n");
                }
            } finally {
                store.pins().unmark(key);
            }
        } catch (NoSuchFileException e) {
            // Somebody else was quicker.
            return;
        } catch (IOException e) {
            LoggerFactory.getLogger(Verification.class)
                    .warn("the damaged result {} can't be set aside: {}", key, e.toString());
            StepStore.remove(aside);
        }
    }

    private static boolean sound(Path entry, String key, boolean always) throws IOException {
        try {
            new EntryFolder(entry).check(key, always);
            return true;
        } catch (DamagedException e) {
            return false;
        }
    }
}
