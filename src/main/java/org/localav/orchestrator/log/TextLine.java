package org.localav.orchestrator.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A log event for a person at a terminal. What goes on below the first line is indented, so that nothing passes for another. */
final class TextLine {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneId.systemDefault());

    private TextLine() {}

    static String of(ILoggingEvent event) {
        String logger = event.getLoggerName();
        StringBuilder line = new StringBuilder(160)
                .append(TIME.format(Instant.ofEpochMilli(event.getTimeStamp())))
                .append(String.format(" %-5s ", event.getLevel()))
                .append(logger.substring(logger.lastIndexOf('.') + 1))
                .append(where(event.getMDCPropertyMap()))
                .append(" - ")
                .append(shown(event.getFormattedMessage()))
                .append('\n');
        if (event.getThrowableProxy() != null) {
            line.append("    ")
                    .append(shown(ThrowableProxyUtil.asString(event.getThrowableProxy())
                            .strip()))
                    .append('\n');
        }
        return line.toString();
    }

    private static String where(Map<String, String> fields) {
        String where = Stream.of(LogFields.JOB, LogFields.STAGE, LogFields.STEP)
                .map(fields::get)
                .filter(Objects::nonNull)
                .collect(Collectors.joining(" "));
        return where.isEmpty() ? "" : " [" + shown(where) + "]";
    }

    /** Escape sequences could rewrite what stands on the terminal already. */
    private static String shown(String text) {
        StringBuilder shown = new StringBuilder(text.length());
        SignedUrls.cut(text).codePoints().forEach(c -> {
            if (c == '\n') {
                shown.append("\n    ");
            } else if (c == '\t') {
                shown.append("  ");
            } else if (Character.isISOControl(c) && c != '\r') {
                shown.append(String.format("\\u%04x", c));
            } else if (c != '\r') {
                shown.appendCodePoint(c);
            }
        });
        return shown.toString();
    }
}
