package org.localav.orchestrator.trace;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A {@code traceparent} as W3C Trace Context has it: in which trace something happens, and under which span. */
public record TraceParent(String traceId, String spanId, String flags) {
    private static final Pattern FORM =
            Pattern.compile("([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?");

    /** Empty when it is none: the specification tells to go on as if nothing had come. */
    public static Optional<TraceParent> read(String header) {
        Matcher form = FORM.matcher(header.strip());
        boolean valid = form.matches()
                && !form.group(1).equals("ff")
                && (form.group(5) == null || !form.group(1).equals("00"))
                && !form.group(2).matches("0+")
                && !form.group(3).matches("0+");
        return valid ? Optional.of(new TraceParent(form.group(2), form.group(3), form.group(4))) : Optional.empty();
    }

    /** As a header. */
    public String text() {
        return "00-" + traceId + "-" + spanId + "-" + flags;
    }
}
