package org.localav.orchestrator.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.localav.orchestrator.log.LogFields;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads a program's output as it comes and keeps a bounded part of it, however much or however long a line it writes. */
final class LineTail {
    private static final Logger LOG = LoggerFactory.getLogger(LineTail.class);
    static final int OUTPUT_LIMIT = 64 << 20;
    private static final int LINE_LIMIT = 2000;
    private static final int HEAD = 20;
    private static final int TAIL = 200;

    private final List<String> head = new ArrayList<>();
    private final Deque<String> tail = new ArrayDeque<>();
    private final StringBuilder all = new StringBuilder();
    private final Consumer<String> listener;
    private final boolean keepAll;
    private final Thread thread;
    private long dropped;
    private volatile RuntimeException failure;

    private LineTail(InputStream in, Consumer<String> listener, boolean keepAll, String name) {
        this.listener = listener;
        this.keepAll = keepAll;
        this.thread = new Thread(LogFields.carried(() -> read(in)), name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Keeps the whole text up to the limit and tells each line. */
    static LineTail output(InputStream in, Consumer<String> listener) {
        return new LineTail(in, listener, true, "tool-output");
    }

    /** Keeps the first and last lines. */
    static LineTail errors(InputStream in) {
        return new LineTail(in, line -> LOG.trace("{}", line), false, "tool-errors");
    }

    private void read(InputStream in) {
        char[] buffer = new char[8192];
        StringBuilder line = new StringBuilder();
        try (Reader reader = new InputStreamReader(in, StandardCharsets.UTF_8)) {
            for (int n = reader.read(buffer); n >= 0; n = reader.read(buffer)) {
                keep(buffer, n);
                for (int i = 0; i < n; i++) {
                    if (buffer[i] == '\n' || buffer[i] == '\r') {
                        end(line);
                    } else if (line.length() < LINE_LIMIT) {
                        line.append(buffer[i]);
                    }
                }
            }
        } catch (IOException e) {
            // The pipe of a killed process breaks; what was read counts.
            line.append(" [output broke off]");
        }
        end(line);
    }

    private synchronized void keep(char[] buffer, int length) {
        if (keepAll && all.length() < OUTPUT_LIMIT) {
            all.append(buffer, 0, Math.min(length, OUTPUT_LIMIT - all.length()));
        }
    }

    private void end(StringBuilder line) {
        if (line.isEmpty()) {
            return;
        }
        String text = line.toString();
        line.setLength(0);
        tell(text);
        if (!keepAll) {
            synchronized (this) {
                if (head.size() < HEAD) {
                    head.add(text);
                } else {
                    tail.addLast(text);
                    if (tail.size() > TAIL) {
                        tail.removeFirst();
                        dropped++;
                    }
                }
            }
        }
    }

    /** A listener that fails is not asked again, but reading goes on: a full pipe would stop the program. */
    private void tell(String text) {
        if (failure == null) {
            try {
                listener.accept(text);
            } catch (RuntimeException e) {
                failure = e;
            }
        }
    }

    /** Waits until the stream has ended, at most two seconds: false when something still holds it open. */
    boolean await() throws InterruptedException {
        thread.join(2000);
        return !thread.isAlive();
    }

    /** @throws RuntimeException what the listener threw */
    void throwListenersFailure() {
        if (failure != null) {
            throw failure;
        }
    }

    synchronized String text() {
        return all.toString();
    }

    synchronized List<String> lines() {
        List<String> lines = new ArrayList<>(head);
        if (dropped > 0) {
            lines.add("[" + dropped + " lines left out]");
        }
        lines.addAll(tail);
        return lines;
    }
}
