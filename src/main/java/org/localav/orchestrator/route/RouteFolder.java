package org.localav.orchestrator.route;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.localav.orchestrator.spec.InvalidSpecException;
import org.localav.orchestrator.spec.Violation;

/**
 * The text of every {@code *.camel.yaml} below a folder at one moment. Hidden files and folders (which editors use for
 * half-written copies) and files with nothing but blanks and comments (a save that has only begun) don't belong to it.
 *
 * @param texts file name relative to the folder, with {@code /} on every system, to its text
 * @param hash changes whenever a name or a text does
 */
public record RouteFolder(Path folder, SortedMap<String, String> texts, String hash) {
    static final String SUFFIX = ".camel.yaml";
    static final int MAX_FILE_BYTES = 256 * 1024;
    static final int MAX_FILES = 500;
    static final int MAX_DEPTH = 10;

    public RouteFolder {
        texts = Collections.unmodifiableSortedMap(new TreeMap<>(texts));
    }

    private RouteFolder(Path folder, SortedMap<String, String> texts) {
        this(folder, texts, hashOf(texts));
    }

    /**
     * Reads the folder; a file that vanishes meanwhile counts as deleted.
     *
     * @throws InvalidSpecException naming each file that can't be read, isn't UTF-8 or is too large
     */
    public static RouteFolder read(Path folder) throws InvalidSpecException {
        if (!Files.isDirectory(folder)) {
            throw new InvalidSpecException(List.of(fault(folder, "there is no such folder of routes")));
        }
        Reading reading = new Reading(folder);
        try {
            Files.walkFileTree(folder, EnumSet.of(FileVisitOption.FOLLOW_LINKS), MAX_DEPTH, reading);
        } catch (IOException e) {
            reading.faults.add(fault(folder, "can't be read: " + reason(e)));
        }
        if (reading.texts.size() > MAX_FILES) {
            reading.faults.add(
                    fault(folder, reading.texts.size() + " route files are more than the " + MAX_FILES + " allowed"));
        }
        if (!reading.faults.isEmpty()) {
            throw new InvalidSpecException(reading.faults);
        }
        return new RouteFolder(folder, reading.texts);
    }

    /** The long-lived ways in: {@code intake-*} and {@code speech-server*}, in any sub-folder. */
    public RouteFolder doors() {
        return only(RouteFolder::isDoor);
    }

    /** The ways in that the service keeps open: {@code intake-*}, in any sub-folder. */
    public RouteFolder intake() {
        return only(name -> name.substring(name.lastIndexOf('/') + 1).startsWith("intake-"));
    }

    /** What a job runs through: everything that is no door. */
    public RouteFolder work() {
        return only(name -> !isDoor(name));
    }

    public boolean isEmpty() {
        return texts.isEmpty();
    }

    /** Names that were added, edited or deleted between {@code earlier} and this. */
    public List<String> changedSince(RouteFolder earlier) {
        TreeSet<String> names = new TreeSet<>(texts.keySet());
        names.addAll(earlier.texts.keySet());
        names.removeIf(name -> texts.containsKey(name) && texts.get(name).equals(earlier.texts.get(name)));
        return List.copyOf(names);
    }

    /** How messages call a file of this folder: a path that can be pasted into an editor's command line. */
    public String label(String name) {
        return folder.resolve(name).toString();
    }

    RouteFolder only(Predicate<String> wanted) {
        return new RouteFolder(
                folder,
                texts.entrySet().stream()
                        .filter(e -> wanted.test(e.getKey()))
                        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (a, b) -> a, TreeMap::new)));
    }

    private static boolean isDoor(String name) {
        String file = name.substring(name.lastIndexOf('/') + 1);
        return file.startsWith("intake-") || file.startsWith("speech-server");
    }

    private static String hashOf(SortedMap<String, String> texts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            texts.forEach((name, text) -> {
                for (String part : List.of(name, text)) {
                    byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
                    digest.update(ByteBuffer.allocate(Integer.BYTES)
                            .putInt(bytes.length)
                            .array());
                    digest.update(bytes);
                }
            });
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static Violation fault(Path file, String message) {
        return new Violation(file.toString(), 0, 0, "", message);
    }

    private static String reason(IOException e) {
        return e instanceof FileSystemLoopException
                ? "a link leads back to a folder above it"
                : e.getClass()
                        .getSimpleName()
                        .replace("Exception", "")
                        .replaceAll("(?<=[a-z])(?=[A-Z])", " ")
                        .toLowerCase(Locale.ROOT);
    }

    private static final class Reading extends SimpleFileVisitor<Path> {
        private final Path folder;
        private final SortedMap<String, String> texts = new TreeMap<>();
        private final List<Violation> faults = new ArrayList<>();

        Reading(Path folder) {
            this.folder = folder;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
            return !dir.equals(folder) && isHidden(dir) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (isHidden(file) || !file.toString().endsWith(SUFFIX)) {
                return FileVisitResult.CONTINUE;
            }
            if (!attributes.isRegularFile()) {
                faults.add(fault(file, "is not a regular file"));
            } else if (attributes.size() > MAX_FILE_BYTES) {
                faults.add(fault(file, "has " + attributes.size() + " bytes; a route file may have " + MAX_FILE_BYTES));
            } else {
                take(file);
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) {
            if (!(e instanceof NoSuchFileException) && !isHidden(file)) {
                faults.add(fault(file, "can't be read: " + reason(e)));
            }
            return FileVisitResult.CONTINUE;
        }

        private void take(Path file) {
            try {
                String text = Files.readString(file);
                if (!text.lines().allMatch(line -> line.isBlank() || line.startsWith("#"))) {
                    String name = folder.relativize(file).toString().replace('\\', '/');
                    texts.put(name, text.startsWith("\uFEFF") ? text.substring(1) : text);
                }
            } catch (NoSuchFileException e) {
                // deleted between listing and reading: the next look sees the folder without it
            } catch (CharacterCodingException e) {
                faults.add(fault(file, "is not UTF-8 text"));
            } catch (IOException e) {
                faults.add(fault(file, "can't be read: " + reason(e)));
            }
        }

        private static boolean isHidden(Path path) {
            return path.getFileName().toString().startsWith(".");
        }
    }
}
