package org.localav.orchestrator.cache;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.localav.orchestrator.plan.Keys;
import org.localav.orchestrator.plan.Measured;

/** The folder of one entry: the result and, in {@code entry.json}, all that is known of it. */
record EntryFolder(Path path) {
    private static final String NAME = "entry.json";
    private static final JsonMapper JSON = JsonMapper.builder()
            .addModule(new Jdk8Module())
            .addModule(new JavaTimeModule())
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    /**
     * What stands in {@code entry.json}.
     *
     * @param seal SHA-256 of the rest, so that a changed figure is noticed as a changed result is
     * @param file the result's name
     * @param stamp the result's when its hash was last found right
     */
    record Kept(
            String seal,
            String key,
            String kind,
            String file,
            String sha256,
            long bytes,
            Stamp stamp,
            Measured measured,
            Map<String, String> facts) {
        Kept {
            facts = facts == null ? Map.of() : new TreeMap<>(facts);
        }

        private Kept sealed(String with) {
            return new Kept(with, key, kind, file, sha256, bytes, stamp, measured, facts);
        }

        private Kept sealed() throws IOException {
            return sealed(Keys.sha256(JSON.writeValueAsBytes(sealed(""))));
        }

        private Kept stamped(Stamp now) {
            return new Kept(seal, key, kind, file, sha256, bytes, now, measured, facts);
        }
    }

    /** Describes a result that lies in the folder already, and flushes both to the disk. */
    Kept write(String kind, String key, String file, String sha256, Measured measured, Map<String, String> facts)
            throws IOException {
        Stamp stamp = Stamp.of(path.resolve(file));
        Kept kept = new Kept("", key, kind, file, sha256, stamp.bytes(), stamp, measured, facts).sealed();
        Files.write(path.resolve(NAME), JSON.writeValueAsBytes(kept));
        Disk.flush(path.resolve(file));
        Disk.flush(path.resolve(NAME));
        Disk.flush(path);
        return kept;
    }

    /** What is said of the result, which is not looked at. */
    Kept read() throws IOException, DamagedException {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(path.resolve(NAME));
        } catch (NoSuchFileException e) {
            throw gone(e, NAME);
        }
        try {
            Kept kept = JSON.readValue(bytes, Kept.class);
            if (kept.sealed().seal().equals(kept.seal())) {
                return kept;
            }
            throw new DamagedException(NAME + " is not as it was written");
        } catch (JacksonException | NullPointerException e) {
            throw new DamagedException(NAME + " can't be read");
        }
    }

    /**
     * Looks whether the result is what was put in. Its bytes are read only when its stamp is another than when that was
     * done last, or always.
     *
     * @param key of the entry that should be here
     * @param always to notice also what a failing disk does to bytes that nobody wrote to
     * @throws NoSuchFileException when there is no such entry
     */
    Kept check(String key, boolean always) throws IOException, DamagedException {
        Kept kept = read();
        if (!kept.key().equals(key)) {
            throw new DamagedException("it is the result of another step, " + kept.key());
        }
        Path result = path.resolve(kept.file());
        try {
            Stamp stamp = Stamp.of(result);
            if (stamp.bytes() != kept.bytes()) {
                throw new DamagedException(kept.file() + " has " + stamp.bytes() + " bytes, not " + kept.bytes());
            }
            if (always || !stamp.equals(kept.stamp())) {
                String found = Digests.sha256(result);
                if (!found.equals(kept.sha256())) {
                    throw new DamagedException(
                            kept.file() + " has another content: its SHA-256 is " + found + ", not " + kept.sha256());
                }
                if (!stamp.equals(kept.stamp())) {
                    remember(kept.stamped(stamp));
                }
            }
            return kept;
        } catch (NoSuchFileException e) {
            throw gone(e, kept.file());
        }
    }

    /** A file that is missing is damage where the folder is there; else the entry has gone meanwhile, or went and came. */
    private NoSuchFileException gone(NoSuchFileException e, String name) throws DamagedException {
        if (Files.isDirectory(path) && !Files.exists(path.resolve(name))) {
            throw new DamagedException(name + " is missing");
        }
        return e;
    }

    /** Whatever keeps this from being written, a full disk say, has the result read once more the next time, no worse. */
    private void remember(Kept kept) {
        Path made = path.resolve(NAME + "." + UUID.randomUUID());
        try {
            FileTime used = Files.getLastModifiedTime(path);
            Files.write(made, JSON.writeValueAsBytes(kept.sealed()));
            Files.move(made, path.resolve(NAME), StandardCopyOption.ATOMIC_MOVE);
            Files.setLastModifiedTime(path, used);
        } catch (IOException e) {
            StepStore.remove(made);
        }
    }

    /** The bytes of all that lies in it. */
    long bytes() throws IOException {
        try (var files = Files.newDirectoryStream(path)) {
            long sum = 0;
            for (Path file : files) {
                sum += Files.size(file);
            }
            return sum;
        } catch (java.nio.file.DirectoryIteratorException e) {
            throw e.getCause();
        }
    }
}
