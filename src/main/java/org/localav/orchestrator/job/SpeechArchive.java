package org.localav.orchestrator.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.localav.orchestrator.cache.Digests;
import org.localav.orchestrator.cache.StepStore;
import org.localav.orchestrator.plan.SpeechRecipe;
import org.localav.orchestrator.plan.Step;

/**
 * Keeps what providers said beside a run's lock: no command makes it again to the byte. The files are hard links to the
 * step store's where the disk allows, so they take room only once the store has dropped its own.
 */
public final class SpeechArchive {
    private static final String FOLDER = "speech";

    private final StepStore store;
    private final long most;

    /** @param most bytes a run; what goes beyond is not kept */
    SpeechArchive(StepStore store, long most) {
        this.store = store;
        this.most = most;
    }

    /**
     * Keeps a run's speech.
     *
     * @param run the run's folder in the archive
     * @param earlier the folder of the run before, for what the step store has lost since
     */
    void keep(Prepared prepared, Path run, Optional<Path> earlier) throws IOException {
        long kept = 0;
        for (Step step : prepared.plan().steps()) {
            Optional<StepStore.Entry> sound = step.recipe() instanceof SpeechRecipe
                    ? find(step.key(), store, earlier.orElse(run))
                    : Optional.empty();
            if (sound.isPresent() && kept + sound.get().bytes() <= most) {
                kept += sound.get().bytes();
                Path folder = Files.createDirectories(run.resolve(FOLDER));
                link(sound.get().file(), folder.resolve(step.key()));
                Receipts.write(folder.resolve(step.key() + ".json"), Receipts.JSON.writeValueAsBytes(sound.get()));
            }
        }
    }

    /** What was said under a key: from the step store, or else from a run's folder, if it is whole there. */
    public static Optional<StepStore.Entry> find(String key, StepStore store, Path run) throws IOException {
        Optional<StepStore.Entry> there = store.find(key);
        Path note = run.resolve(FOLDER).resolve(key + ".json");
        if (there.isPresent() || !Files.isRegularFile(note)) {
            return there;
        }
        StepStore.Entry entry = Receipts.JSON.readValue(Files.readAllBytes(note), StepStore.Entry.class);
        Path file = run.resolve(FOLDER).resolve(key);
        return Files.isRegularFile(file) && Digests.sha256(file).equals(entry.sha256())
                ? Optional.of(new StepStore.Entry(
                        key, entry.kind(), file, entry.sha256(), entry.bytes(), entry.measured(), entry.facts()))
                : Optional.empty();
    }

    /** A second name of the file, or a copy where the disk has no such thing. */
    public static void link(Path file, Path target) throws IOException {
        Files.deleteIfExists(target);
        try {
            Files.createLink(target, file);
        } catch (IOException | UnsupportedOperationException e) {
            Files.copy(file, target);
        }
    }
}
