package org.localav.orchestrator.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.localav.orchestrator.log.SignedUrls;
import org.localav.orchestrator.trace.Caller;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The audit log of a state folder: a chain of JSON lines that any number of processes write, each holding a lock while it
 * does. Entries that come while others are being written are written together, with one sync for all.
 */
public final class AuditLog implements Audit {
    private static final Logger LOG = LoggerFactory.getLogger(AuditLog.class);

    /** Entries that wait for a disk that can't be written; more would fill the memory. */
    private static final int MOST_WAITING = 10_000;

    private final AuditFolder folder;
    private final long largest;
    private final Duration kept;
    private final Deque<Entry> waiting = new ArrayDeque<>();

    /** Fair, so that whoever has just written lets the others in first: they come in together with the next ones. */
    private final ReentrantLock writing = new ReentrantLock(true);

    private boolean failing;

    private static final class Entry {
        private final Map<String, Object> fields;
        private boolean written;

        Entry(Map<String, Object> fields) {
            this.fields = fields;
        }
    }

    /**
     * @param folder is made when it is first written to
     * @param largest a file is followed by another when it has this many bytes, and each day
     * @param kept how long files are kept after their last line; zero: for ever
     */
    public AuditLog(Path folder, long largest, Duration kept) {
        this.folder = new AuditFolder(folder);
        this.largest = largest;
        this.kept = kept;
    }

    @Override
    public void wrote(String what, String job, Map<String, ?> details) {
        Caller caller = Caller.now();
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("at", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString());
        fields.put("who", caller.who());
        fields.put("what", what);
        if (!job.isEmpty()) {
            fields.put("job_id", job);
        }
        fields.put("request_id", caller.requestId());
        details.forEach((name, value) -> fields.put(name, clean(value)));
        Entry entry = new Entry(fields);
        synchronized (waiting) {
            waiting.add(entry);
        }
        writing.lock();
        try {
            if (!entry.written) {
                writeWaiting();
            }
        } finally {
            writing.unlock();
        }
    }

    private static Object clean(Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> clean = new LinkedHashMap<>();
            map.forEach((name, inner) -> clean.put(String.valueOf(name), clean(inner)));
            return clean;
        }
        if (value instanceof List<?> list) {
            return list.stream().map(AuditLog::clean).toList();
        }
        return value instanceof Number || value instanceof Boolean ? value : SignedUrls.cut(String.valueOf(value));
    }

    private void writeWaiting() {
        List<Entry> all;
        synchronized (waiting) {
            all = List.copyOf(waiting);
        }
        try {
            write(all);
            failing = false;
            synchronized (waiting) {
                all.forEach(entry -> waiting.removeFirst());
            }
            all.forEach(entry -> entry.written = true);
        } catch (IOException e) {
            later(e);
        }
    }

    private void later(IOException why) {
        if (!failing) {
            LOG.error(
                    "the audit log in {} can't be written ({}); what happens is kept until it can",
                    folder.folder(),
                    why.toString());
        }
        failing = true;
        synchronized (waiting) {
            while (waiting.size() > MOST_WAITING) {
                LOG.error("not in the audit log: {}", waiting.removeFirst().fields);
            }
        }
    }

    private void write(List<Entry> entries) throws IOException {
        Files.createDirectories(folder.folder());
        synchronized (AuditFolder.IN_THIS_PROCESS) {
            try (FileChannel lock =
                            FileChannel.open(folder.lock(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock held = lock.lock()) {
                Chain last = append(entries);
                folder.head(last);
            }
        }
    }

    /** Another process may have written since: where the chain ends is read each time. */
    private Chain append(List<Entry> entries) throws IOException {
        List<Path> files = folder.files();
        Path current = files.isEmpty() ? folder.file(1) : files.get(files.size() - 1);
        Chain chain = Chain.START;
        List<Map<String, Object>> all = new ArrayList<>();
        try (FileChannel channel = open(current)) {
            Optional<String> line = AuditFolder.lastLine(current, channel);
            // After a line that was tampered with, the chain goes on from what the file is called; the fault stays
            // visible.
            chain = line.flatMap(Chain::read)
                    .map(Chain.Sealed::chain)
                    .or(() -> headOr(current))
                    .orElse(Chain.START);
            if (channel.size() == 0 || !full(current, channel)) {
                entries.forEach(entry -> all.add(entry.fields));
                return write(channel, chain, all);
            }
        }
        try (FileChannel channel = open(folder.file(chain.number() + 1))) {
            forget(files).ifPresent(all::add);
            entries.forEach(entry -> all.add(entry.fields));
            return write(channel, chain, all);
        }
    }

    private Optional<Chain> headOr(Path file) {
        try {
            return AuditFolder.first(file) == 1 && Files.size(file) == 0 ? Optional.empty() : folder.head();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static FileChannel open(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    private static Chain write(FileChannel channel, Chain from, List<Map<String, Object>> entries) throws IOException {
        Chain chain = from;
        StringBuilder text = new StringBuilder();
        for (Map<String, Object> entry : entries) {
            Chain.Link link = chain.seal(entry);
            text.append(link.line()).append('\n');
            chain = link.chain();
        }
        long before = channel.size();
        ByteBuffer bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8));
        try {
            channel.position(before);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(false);
        } catch (IOException e) {
            // A part of it must not stand there: it is written again.
            channel.truncate(before);
            throw e;
        }
        return chain;
    }

    private boolean full(Path file, FileChannel channel) throws IOException {
        Instant written = Files.getLastModifiedTime(file).toInstant();
        boolean earlier = !day(written).equals(day(Instant.now()));
        return earlier || channel.size() >= largest;
    }

    private static java.time.LocalDate day(Instant at) {
        return at.atOffset(ZoneOffset.UTC).toLocalDate();
    }

    /** Removes files that are old enough, and gives the entry that says so: what is missing without one was taken. */
    private Optional<Map<String, Object>> forget(List<Path> files) throws IOException {
        long through = 0;
        for (int i = 0; i + 1 < files.size() && !kept.isZero(); i++) {
            if (Files.getLastModifiedTime(files.get(i)).toInstant().plus(kept).isAfter(Instant.now())) {
                break;
            }
            Files.delete(files.get(i));
            through = AuditFolder.first(files.get(i + 1)) - 1;
        }
        if (through == 0) {
            return Optional.empty();
        }
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("at", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString());
        entry.put("who", "service");
        entry.put("what", "forgotten");
        entry.put("through", through);
        return Optional.of(entry);
    }
}
