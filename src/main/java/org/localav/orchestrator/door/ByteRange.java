package org.localav.orchestrator.door;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which bytes of a file a request is for. What asks for several ranges at once gets the whole file, as RFC 9110 allows.
 *
 * @param last included
 * @param part whether it was asked for a part, be it all of it
 */
record ByteRange(long first, long last, long size, boolean part) {
    private static final Pattern ONE = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");

    /** @param header {@code Range}; null when there is none */
    static ByteRange of(String header, long size) {
        Matcher matcher = ONE.matcher(header == null ? "" : header.replace(" ", ""));
        if (!matcher.matches() || matcher.group(1).isEmpty() && matcher.group(2).isEmpty()) {
            return new ByteRange(0, size - 1, size, false);
        }
        if (matcher.group(1).isEmpty()) {
            long count = Long.parseLong(matcher.group(2));
            return new ByteRange(count == 0 ? size : Math.max(0, size - count), size - 1, size, true);
        }
        long first = Long.parseLong(matcher.group(1));
        long last = matcher.group(2).isEmpty() ? size - 1 : Long.parseLong(matcher.group(2));
        return new ByteRange(first, Math.min(last, size - 1), size, true);
    }

    /** Whether there is nothing there. */
    boolean empty() {
        return part && length() <= 0;
    }

    long length() {
        return last - first + 1;
    }

    /** {@code Content-Range}. */
    String header() {
        return "bytes " + first + "-" + last + "/" + size;
    }
}
