package org.localav.orchestrator.trace;

import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.localav.orchestrator.log.LogFields;

/**
 * On whose behalf a thread works, for what is written down about it: logs, audit, trace.
 *
 * @param who as the audit log names it: {@code http:token}, {@code inbox}, {@code cli:USER}, {@code jolokia:token},
 *     {@code jmx:USER} or {@code service}
 * @param requestId of the request that asked for it
 * @param trace the trace that the request belongs to
 */
public record Caller(String who, String requestId, Optional<TraceParent> trace) {
    private static final ThreadLocal<Caller> NOW = new ThreadLocal<>();
    private static final Pattern SANE = Pattern.compile("[A-Za-z0-9._:+/=@-]{1,128}");

    /** Somebody whose request has no id yet. */
    public static Caller of(String who) {
        return new Caller(who, newRequestId(), Optional.empty());
    }

    /** This thread's; the service itself where nobody has asked for anything. */
    public static Caller now() {
        Caller now = NOW.get();
        return now == null ? of("service") : now;
    }

    /** The client's own request id, where it can stand in a header and in a log as it is; else a new one. */
    public static String requestId(String given) {
        return given != null && SANE.matcher(given).matches() ? given : newRequestId();
    }

    private static String newRequestId() {
        return UUID.randomUUID().toString();
    }

    /** While this is open, the thread works on this caller's behalf. */
    public interface Scope extends AutoCloseable {
        @Override
        void close();
    }

    /** Makes this the thread's caller, with its request id in the thread's log lines. */
    public Scope enter() {
        Caller before = NOW.get();
        LogFields fields = LogFields.with(LogFields.REQUEST, requestId);
        NOW.set(this);
        return () -> {
            NOW.set(before);
            fields.close();
        };
    }
}
