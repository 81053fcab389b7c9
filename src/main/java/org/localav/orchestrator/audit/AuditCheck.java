package org.localav.orchestrator.audit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Reads the audit log of a state folder and finds what is not as it was written: lines that were changed, taken out, put in,
 * moved or cut off, and files that are gone.
 */
public final class AuditCheck {
    /** More sentences help nobody: after one broken link, the rest is read on from there. */
    private static final int MOST_TOLD = 20;

    private final AuditFolder folder;
    private final List<String> problems = new ArrayList<>();
    private Chain chain = Chain.START;
    private long lines;
    private long forgotten;
    private Optional<Chain> headSeen = Optional.empty();

    private AuditCheck(Path folder) {
        this.folder = new AuditFolder(folder);
    }

    /**
     * What was found.
     *
     * @param last the hash of the last line: whoever has noted it elsewhere can tell that none before it was changed
     */
    public record Verdict(int files, long lines, Optional<String> last, List<String> problems) {
        public Verdict {
            problems = List.copyOf(problems);
        }

        public boolean whole() {
            return problems.isEmpty();
        }
    }

    /** Checks all lines that stand there now; others may be written meanwhile. */
    public static Verdict of(Path folder) throws IOException {
        return new AuditCheck(folder).check();
    }

    /**
     * Gives each line, oldest first, that is about a job, or all.
     *
     * @return where lines are that were changed: whom they are about nobody can tell, so that a job's do not include them
     */
    public static List<String> read(Path folder, Optional<String> job, Consumer<String> taker) throws IOException {
        List<String> changed = new ArrayList<>();
        Extent extent = new AuditCheck(folder).extent();
        for (Path file : extent.files()) {
            extent.each(file, (where, line) -> {
                Optional<Chain.Sealed> found = Chain.read(line);
                if (found.isEmpty()) {
                    changed.add(where);
                }
                if (job.isEmpty() || found.isPresent() && found.get().about(job.get())) {
                    taker.accept(line);
                }
            });
        }
        return changed;
    }

    private record Extent(List<Path> files, long lastSize, Optional<Chain> head) {
        /** Gives each line of a file, and where it stands, that was there when this was made. */
        void each(Path file, BiConsumer<String, String> taker) throws IOException {
            boolean last = file.equals(files.get(files.size() - 1));
            long left = last ? lastSize : Long.MAX_VALUE;
            int number = 0;
            try (BufferedReader reader = reader(file)) {
                for (String line = reader.readLine(); line != null && left > 0; line = reader.readLine()) {
                    left -= line.getBytes(StandardCharsets.UTF_8).length + 1;
                    number++;
                    taker.accept(file.getFileName() + ":" + number, line);
                }
            }
        }

        /** Bytes that are no text must not hide a line: it is read as changed. */
        private static BufferedReader reader(Path file) throws IOException {
            return new BufferedReader(new InputStreamReader(
                    Files.newInputStream(file),
                    StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPLACE)));
        }
    }

    private Verdict check() throws IOException {
        Extent extent = extent();
        for (int i = 0; i < extent.files().size(); i++) {
            Path file = extent.files().get(i);
            long first = AuditFolder.first(file);
            boolean lost = i == 0 ? first != 1 : first != chain.number() + 1;
            if (i == 0 && lost) {
                // Only a later line can say whether it was us who removed what was before.
                chain = new Chain(first - 1, "");
            } else if (lost) {
                say(file.getFileName() + " should begin with line " + (chain.number() + 1));
            }
            extent.each(file, (where, line) -> next(where, line, extent.head()));
        }
        if (!extent.files().isEmpty()) {
            begins(AuditFolder.first(extent.files().get(0)));
        }
        ends(extent);
        return new Verdict(
                extent.files().size(),
                lines,
                chain.number() == 0 ? Optional.empty() : Optional.of(chain.hash()),
                problems);
    }

    /** As it is between two writings. */
    private Extent extent() throws IOException {
        if (!Files.exists(folder.lock())) {
            return now();
        }
        synchronized (AuditFolder.IN_THIS_PROCESS) {
            try (FileChannel lock = FileChannel.open(folder.lock(), StandardOpenOption.READ);
                    FileLock held = lock.lock(0, Long.MAX_VALUE, true)) {
                return now();
            }
        }
    }

    private Extent now() throws IOException {
        List<Path> files = folder.files();
        return new Extent(files, files.isEmpty() ? 0 : Files.size(files.get(files.size() - 1)), folder.head());
    }

    private void next(String where, String line, Optional<Chain> head) {
        lines++;
        chain = line(where, line, chain);
        if (head.isPresent() && head.get().equals(chain)) {
            headSeen = head;
        }
    }

    private Chain line(String where, String line, Chain before) {
        Optional<Chain.Sealed> found = Chain.read(line);
        if (found.isEmpty()) {
            say(where + ": the line was changed");
            return new Chain(before.number() + 1, "");
        }
        if (found.get().json().path("what").asText().equals("forgotten")) {
            forgotten = Math.max(forgotten, found.get().json().path("through").asLong());
        }
        // After a line that can't be trusted only the number can be compared.
        boolean follows = before.hash().isEmpty()
                ? found.get().chain().number() == before.number() + 1
                : found.get().follows(before);
        if (!follows) {
            say(where + ": line " + found.get().chain().number() + " does not follow line " + before.number()
                    + ": something was taken out, put in or moved before it");
        }
        return found.get().chain();
    }

    private void begins(long first) {
        if (first != 1 && forgotten < first - 1) {
            say("the lines before " + first + " are missing, and no line says that they were removed for their age");
        }
    }

    private void ends(Extent extent) {
        Optional<Chain> head = extent.head();
        if (head.isEmpty() && chain.number() > 0) {
            say("the file 'head' is missing or can't be read: it is not known whether lines were cut off at the end");
        } else if (head.isPresent() && head.get().number() > chain.number()) {
            say("the log ends with line " + chain.number() + ", but line "
                    + head.get().number() + " was written: the end was cut off");
        } else if (head.isPresent() && headSeen.isEmpty() && problems.isEmpty()) {
            say("line " + head.get().number() + " is not the one that was written last: the end was replaced");
        }
    }

    private void say(String problem) {
        if (problems.size() < MOST_TOLD) {
            problems.add(problem);
        } else if (problems.size() == MOST_TOLD) {
            problems.add("and more");
        }
    }
}
