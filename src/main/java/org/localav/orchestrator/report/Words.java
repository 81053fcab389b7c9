package org.localav.orchestrator.report;

import java.util.Locale;

/** Figures as people read them. */
final class Words {
    private Words() {}

    /** {@code 430 ms}, {@code 12.4 s}, {@code 3:05 min}, {@code 1:02:05 h}. */
    static String seconds(double seconds) {
        if (seconds < 1) {
            return Math.round(seconds * 1000) + " ms";
        }
        if (seconds < 59.95) {
            return String.format(Locale.ROOT, "%.1f s", seconds);
        }
        return clock(seconds) + (seconds < 3600 ? " min" : " h");
    }

    /** {@code 0:05}, {@code 1:02:05}. */
    static String clock(double seconds) {
        long whole = Math.round(seconds);
        return whole < 3600
                ? String.format("%d:%02d", whole / 60, whole % 60)
                : String.format("%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
    }

    /** A place on an axis of time whose marks are {@code tick} seconds apart. */
    static String axis(double seconds, double tick) {
        if (tick >= 20 && seconds >= 60) {
            return clock(seconds);
        }
        int digits = tick < 0.1 ? 2 : tick < 1 ? 1 : 0;
        return String.format(Locale.ROOT, "%." + digits + "f s", seconds);
    }

    static String decibels(double value) {
        return String.format(Locale.ROOT, "%.1f", value).replace("-", "\u2212");
    }

    /** For coordinates. */
    static String number(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : String.format(Locale.ROOT, "%.1f", value);
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
