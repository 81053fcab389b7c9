package org.localav.orchestrator.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;

/** Lines at the foot of a terminal that are drawn over the ones before, each under a name. */
final class Bars {
    private static final int WIDTH = 28;
    private static final long PAUSE_NANOS = 100_000_000L;

    private final PrintWriter out;
    private final Map<String, String> lines = new LinkedHashMap<>();
    private final Map<String, Long> progressed = new LinkedHashMap<>();
    private int shown;

    Bars(PrintWriter out) {
        this.out = out;
    }

    /** Whether there is a terminal to draw on. */
    static boolean possible() {
        return System.console() != null && !"dumb".equals(System.getenv("TERM"));
    }

    synchronized boolean has(String name) {
        return lines.containsKey(name);
    }

    /** A line without a bar; nothing is drawn yet. */
    synchronized void put(String name, String title, String state) {
        lines.put(name, line(title, "", state));
    }

    /** A line with a bar; nothing is drawn yet. */
    synchronized void put(String name, String title, double done, String state) {
        lines.put(name, line(title, bar(done), state));
    }

    /** Draws a bar's new length, unless that was done a moment ago. */
    synchronized void progressed(String name, String title, double done, String state) {
        long now = System.nanoTime();
        if (now - progressed.getOrDefault(name, now - PAUSE_NANOS) >= PAUSE_NANOS) {
            progressed.put(name, now);
            put(name, title, done, state);
            draw();
        }
    }

    synchronized void removeIf(Predicate<String> name) {
        lines.keySet().removeIf(name);
        progressed.keySet().removeIf(name);
    }

    /** Writes a line that stays, above the others. */
    synchronized void say(String sentence) {
        erase();
        out.println(sentence);
        shown = 0;
        draw();
    }

    synchronized void draw() {
        erase();
        // A line that is wider than the terminal would take two rows, of which only one were drawn over: it is cut
        // instead.
        out.print("\u001b[?7l");
        lines.values().forEach(out::println);
        out.print("\u001b[?7h");
        shown = lines.size();
        out.flush();
    }

    private void erase() {
        if (shown > 0) {
            out.print("\u001b[" + shown + "A\u001b[J");
        }
    }

    static String percent(double done, double speed) {
        return String.format("%3.0f %%%s", done * 100, speed > 0 ? String.format("  %.1fx", speed) : "");
    }

    private static String line(String title, String bar, String state) {
        return String.format("%-13s %-" + WIDTH + "s  %s", title, bar, state);
    }

    private static String bar(double done) {
        int full = (int) Math.round(Math.max(0, Math.min(1, done)) * WIDTH);
        return "█".repeat(full) + "░".repeat(WIDTH - full);
    }
}
