package org.localav.orchestrator.report;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Locale;

/** Figures as people read them. Put together by hand: a page at the end of every run has no time for format strings. */
final class Words {
    private Words() {}

    /** {@code 430 ms}, {@code 12.4 s}, {@code 3:05 min}, {@code 1:02:05 h}. */
    static String seconds(double seconds) {
        if (seconds < 1) {
            return Math.round(seconds * 1000) + " ms";
        }
        if (seconds < 59.95) {
            return fixed(seconds, 1) + " s";
        }
        return clock(seconds) + (seconds < 3600 ? " min" : " h");
    }

    /** {@code 0:05}, {@code 1:02:05}. */
    static String clock(double seconds) {
        long whole = Math.round(seconds);
        return whole < 3600
                ? whole / 60 + ":" + two(whole % 60)
                : whole / 3600 + ":" + two(whole / 60 % 60) + ":" + two(whole % 60);
    }

    /** {@code 26 November 2026, 08:00:12 UTC}. */
    static String moment(Instant time) {
        LocalDateTime utc = LocalDateTime.ofInstant(time, ZoneOffset.UTC);
        String month = utc.getMonth().name();
        return utc.getDayOfMonth() + " " + month.charAt(0) + month.substring(1).toLowerCase(Locale.ROOT) + " "
                + utc.getYear() + ", " + two(utc.getHour()) + ":" + two(utc.getMinute()) + ":" + two(utc.getSecond())
                + " UTC";
    }

    private static String two(long number) {
        return number < 10 ? "0" + number : Long.toString(number);
    }

    /** Rounded half up to so many digits after the point. */
    private static String fixed(double value, int digits) {
        long scale = digits == 0 ? 1 : digits == 1 ? 10 : 100;
        long parts = Math.round(Math.abs(value) * scale);
        String whole = (value < 0 && parts > 0 ? "-" : "") + parts / scale;
        return digits == 0 ? whole : whole + "." + (digits == 1 ? parts % scale : two(parts % scale));
    }

    /** A place on an axis of time whose marks are {@code tick} seconds apart. */
    static String axis(double seconds, double tick) {
        if (tick >= 20 && seconds >= 60) {
            return clock(seconds);
        }
        int digits = tick < 0.1 ? 2 : tick < 1 ? 1 : 0;
        return fixed(seconds, digits) + " s";
    }

    static String decibels(double value) {
        return fixed(value, 1).replace('-', '\u2212');
    }

    /** For coordinates. */
    static String number(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : fixed(value, 1);
    }

    /** The state of a stage or job as a word. */
    static String state(String id) {
        return id.replace('_', ' ');
    }

    static String afterSlash(String step) {
        return step.substring(step.indexOf('/') + 1);
    }

    static String fileName(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    static String shortened(String text, int most) {
        return text.codePointCount(0, text.length()) <= most
                ? text
                : text.substring(0, text.offsetByCodePoints(0, most - 1)) + "\u2026";
    }

    static String count(long number, String one, String many) {
        return number + " " + (number == 1 ? one : many);
    }
}
