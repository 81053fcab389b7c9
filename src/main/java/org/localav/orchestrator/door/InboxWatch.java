package org.localav.orchestrator.door;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.camel.Consumer;
import org.apache.camel.Endpoint;
import org.apache.camel.component.file.GenericFile;
import org.apache.camel.component.file.GenericFileFilter;
import org.apache.camel.spi.PollingConsumerPollStrategy;
import org.localav.orchestrator.observe.Health;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells at each poll of the inbox which specs it is time to read: those that came whole, and those that have been quiet
 * for long enough. Nothing is read for it, and no clock but our own counts, so that files with odd times do no harm.
 */
final class InboxWatch implements GenericFileFilter<File>, PollingConsumerPollStrategy {
    private static final Logger LOG = LoggerFactory.getLogger(InboxWatch.class);

    /** Looks at a file that can't be taken, before it is refused: what is wrong may be that its end is missing. */
    private static final int LOOKS = 2;

    private final Path inbox;
    private final Duration quiet;
    private final boolean readOnly;
    private final Renames renames;
    private final Map<Path, Look> looks = new HashMap<>();
    private final Set<Path> told = new HashSet<>();
    private String trouble = "";
    private String failure = "";
    private long poll;

    /** How a file has stood since we first saw it like that. */
    private static final class Look {
        private final Stand stand;
        private final long since = System.nanoTime();
        private final long foundIn;
        private long seenIn;
        private Duration wait;
        private int count;
        private boolean said;
        private Optional<Taken> taken = Optional.empty();

        Look(Stand stand, long poll, Duration wait) {
            this.stand = stand;
            this.foundIn = poll;
            this.seenIn = poll;
            this.wait = wait;
        }

        boolean due() {
            return System.nanoTime() - since >= wait.toNanos();
        }
    }

    InboxWatch(Path inbox, Duration quiet, boolean readOnly, Renames renames) {
        this.inbox = inbox;
        this.quiet = quiet;
        this.readOnly = readOnly;
        this.renames = renames;
    }

    @Override
    public synchronized boolean begin(Consumer consumer, Endpoint endpoint) {
        poll++;
        String now = obstacle();
        if (!now.isEmpty() && !now.equals(trouble)) {
            LOG.warn("the inbox {} {}", inbox, now);
        }
        trouble = now;
        if (!now.isEmpty()) {
            return false;
        }
        renames.follow(inbox);
        renames.catchUp(looks.values().stream().anyMatch(look -> look.count == 0));
        return true;
    }

    private String obstacle() {
        if (readOnly) {
            return "is left alone: this service is read-only";
        }
        return Health.inboxObstacle(inbox).orElse("");
    }

    @Override
    public synchronized void commit(Consumer consumer, Endpoint endpoint, int polledMessages) {
        failure = "";
        // A poll that took something may have stopped before it saw every file.
        if (polledMessages == 0) {
            looks.values().removeIf(look -> look.seenIn != poll);
        }
    }

    @Override
    public synchronized boolean rollback(Consumer consumer, Endpoint endpoint, int retryCounter, Exception cause) {
        if (!cause.toString().equals(failure)) {
            failure = cause.toString();
            LOG.warn("the inbox {} could not be looked at: {}", inbox, failure);
        }
        return false;
    }

    @Override
    public synchronized boolean accept(GenericFile<File> found) {
        try {
            Optional<Path> path = path(found.getFile());
            return path.isPresent() && (found.isDirectory() ? follow(path.get()) : timely(path.get()));
        } catch (IOException e) {
            tell(found.getFile().toPath(), "can't be looked at (" + e + ")");
            return false;
        }
    }

    /** Links to folders are not followed: they may lead anywhere, even back to a folder above them. */
    private boolean follow(Path folder) {
        if (Files.isSymbolicLink(folder)) {
            tell(folder, "is a link to a folder and is not followed; put the specs themselves into the inbox");
            return false;
        }
        if (!Files.isReadable(folder) || !Files.isExecutable(folder)) {
            tell(folder, "can't be read; let the user of this service read it");
            return false;
        }
        told.remove(folder);
        renames.follow(folder);
        return true;
    }

    private boolean timely(Path path) throws IOException {
        if (!isSpec(path.getFileName().toString())) {
            if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                tell(path, "has a name that is no UTF-8 and is not looked into; rename the folder");
            }
            return false;
        }
        Optional<Stand> stand = Stand.of(path);
        if (stand.isEmpty()) {
            return false;
        }
        Look look = looks.get(path);
        if (look == null || !look.stand.equals(stand.get())) {
            looks.put(path, new Look(stand.get(), poll, quiet));
            return false;
        }
        look.seenIn = poll;
        // What was heard before this poll is older than the look before it: the file was whole then and is the same
        // now.
        boolean cameWhole = look.count == 0 && look.foundIn < poll && look.stand.size() > 0 && renames.whole(path);
        return cameWhole || look.due();
    }

    private static boolean isSpec(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.endsWith(".yaml") || lower.endsWith(".yml") || lower.endsWith(".json");
    }

    private void tell(Path path, String what) {
        if (told.add(path)) {
            LOG.warn("{} {}", path, what);
        }
    }

    /** The file by its bytes: {@link File} can't hold a name that is no text in this system's charset. */
    static Optional<Path> path(File file) throws IOException {
        try {
            Path path = file.toPath();
            if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                return Optional.of(path);
            }
        } catch (InvalidPathException e) {
            LOG.trace("{} is looked for by its bytes", file);
        }
        try (DirectoryStream<Path> siblings =
                Files.newDirectoryStream(file.getParentFile().toPath())) {
            for (Path path : siblings) {
                if (path.getFileName().toString().equals(file.getName())) {
                    return Optional.of(path);
                }
            }
        }
        return Optional.empty();
    }

    /** How it stood when it was let through. */
    synchronized Optional<Stand> stand(Path path) {
        return Optional.ofNullable(looks.get(path)).map(look -> look.stand);
    }

    /** It became this job already, and only could not be moved. */
    synchronized Optional<Taken> taken(Path path) {
        return Optional.ofNullable(looks.get(path)).flatMap(look -> look.taken);
    }

    synchronized void taken(Path path, Taken taken) {
        Optional.ofNullable(looks.get(path)).ifPresent(look -> look.taken = Optional.of(taken));
    }

    /** Whether a file that can't be taken gets another look, when it has been quiet for longer. */
    synchronized boolean again(Path path) {
        Look look = looks.get(path);
        if (look == null || look.count + 1 >= LOOKS) {
            return false;
        }
        // One that came whole has its second look when any other has its first.
        look.wait = look.due() ? quiet.multipliedBy(3) : quiet;
        look.count++;
        return true;
    }

    /** It stays where it is, for so long. True the first time: then it is to be said. */
    synchronized boolean leave(Path path, Duration time) {
        Look look = looks.get(path);
        if (look == null) {
            return true;
        }
        boolean first = !look.said;
        look.said = true;
        look.count++;
        look.wait = Duration.ofNanos(System.nanoTime() - look.since).plus(time);
        return first;
    }

    synchronized void forget(Path path) {
        looks.remove(path);
    }
}
