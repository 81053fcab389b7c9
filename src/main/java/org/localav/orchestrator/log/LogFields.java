package org.localav.orchestrator.log;

import java.util.HashMap;
import java.util.Map;
import org.slf4j.MDC;

/**
 * What every line of a thread carries beside its message, for as long as this is open. It lies in SLF4J's MDC, which knows
 * nothing of other threads: work that goes there is {@link #carried}.
 */
public final class LogFields implements AutoCloseable {
    public static final String JOB = "job_id";
    public static final String RUN = "run";
    public static final String STAGE = "stage";
    public static final String STEP = "step";
    public static final String REQUEST = "request_id";
    public static final String TRACE = "trace_id";

    /** What the names of a job's tags begin with here, so that none can pass for a field of our own. */
    static final String TAG = "tag:";

    private final Map<String, String> before;

    private LogFields(Map<String, String> before) {
        this.before = before;
    }

    /** Adds one field. */
    public static LogFields with(String name, String value) {
        return with(Map.of(name, value));
    }

    /** Adds fields to those that the thread has. */
    public static LogFields with(Map<String, String> more) {
        LogFields fields = new LogFields(MDC.getCopyOfContextMap());
        more.forEach(MDC::put);
        return fields;
    }

    /** Adds a job's id and tags. */
    public static LogFields ofJob(String id, Map<String, String> tags) {
        Map<String, String> more = new HashMap<>();
        tags.forEach((name, value) -> more.put(TAG + name, value));
        more.put(JOB, id);
        return with(more);
    }

    /** One more, or one fewer when it has no value. */
    public LogFields and(String name, String value) {
        if (value == null) {
            MDC.remove(name);
        } else {
            MDC.put(name, value);
        }
        return this;
    }

    /** The same work with the fields of the thread that asks for it, wherever it runs. */
    public static Runnable carried(Runnable work) {
        Map<String, String> fields = MDC.getCopyOfContextMap();
        if (fields == null || fields.isEmpty()) {
            return work;
        }
        return () -> {
            try (LogFields carried = with(fields)) {
                work.run();
            }
        };
    }

    @Override
    public void close() {
        if (before == null) {
            MDC.clear();
        } else {
            MDC.setContextMap(before);
        }
    }
}
