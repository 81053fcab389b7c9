package org.localav.orchestrator.report;

import java.util.List;
import java.util.OptionalDouble;

/** The waveform of a sound, and below it its short-term loudness against the target, over one axis of time. */
final class SoundChart {
    private static final int WIDTH = 960;
    private static final int LEFT = 44;
    private static final int WAVE = 110;
    private static final int CURVE_TOP = 130;
    private static final int CURVE = 130;
    /** LUFS at the bottom and the top of the curve. */
    private static final double QUIET = -48;

    private static final double LOUD = 0;
    private static final double NOTHING = -100;

    private SoundChart() {}

    static void draw(Markup page, Pictures.Sound sound, OptionalDouble target) {
        int height = CURVE_TOP + CURVE + 22;
        page.open("div", "class", "wide")
                .open("svg", "viewBox", "0 0 " + WIDTH + " " + height, "role", "img", "class", "sound");
        page.put("title", "Waveform, and short-term loudness in LUFS over time");
        times(page, sound.seconds(), height);
        page.open("path", "class", "wave", "d", wave(sound.peaks())).close("path");
        for (int level = -40; level <= -10; level += 10) {
            double y = y(level);
            page.open("line", "class", "grid", "x1", num(LEFT), "x2", num(WIDTH), "y1", num(y), "y2", num(y));
            page.close("line");
            page.put("text", "\u2212" + -level, "class", "axis", "x", "36", "y", num(y + 4), "text-anchor", "end");
        }
        target.ifPresent(level -> target(page, level));
        page.open("path", "class", "curve", "d", curve(sound.loudness())).close("path");
        page.put("text", "LUFS", "class", "axis", "x", "36", "y", num(CURVE_TOP + 8), "text-anchor", "end");
        page.close("svg", "div");
    }

    private static void target(Markup page, double level) {
        double y = y(level);
        page.open("line", "class", "target", "x1", num(LEFT), "x2", num(WIDTH), "y1", num(y), "y2", num(y));
        page.close("line");
        String words = "target " + Words.decibels(level) + " LUFS";
        page.put("text", words, "class", "targeted", "x", num(WIDTH), "y", num(y - 5), "text-anchor", "end");
    }

    private static void times(Markup page, double seconds, int height) {
        int marks = 6;
        for (int i = 0; i <= marks; i++) {
            double x = LEFT + (WIDTH - LEFT) * i / (double) marks;
            String anchor = i == 0 ? "start" : i == marks ? "end" : "middle";
            page.open("line", "class", "grid", "x1", num(x), "x2", num(x), "y1", "0", "y2", num(height - 18));
            page.close("line");
            double at = seconds * i / marks;
            String words = seconds < 60 ? Words.axis(at, 0.1) : Words.clock(at);
            page.put("text", words, "class", "axis", "x", num(x), "y", num(height - 4), "text-anchor", anchor);
        }
    }

    private static String wave(List<Double> peaks) {
        StringBuilder upper = new StringBuilder("M" + LEFT + " " + WAVE / 2);
        StringBuilder lower = new StringBuilder();
        for (int i = 0; i < peaks.size(); i++) {
            double x = x(i, peaks.size());
            double half = Math.max(0.4, Math.min(1, Math.pow(10, peaks.get(i) / 20)) * WAVE / 2);
            upper.append('L').append(num(x)).append(' ').append(num(WAVE / 2.0 - half));
            lower.insert(0, "L" + num(x) + " " + num(WAVE / 2.0 + half));
        }
        return upper.append(lower).append('Z').toString();
    }

    private static String curve(List<Double> loudness) {
        StringBuilder path = new StringBuilder();
        boolean known = false;
        for (int i = 0; i < loudness.size(); i++) {
            // Nothing is known of the first three seconds, the length of the window, nor of silence.
            if (loudness.get(i) > NOTHING) {
                path.append(known ? 'L' : 'M')
                        .append(num(x(i, loudness.size())))
                        .append(' ');
                path.append(num(y(loudness.get(i))));
            }
            known = loudness.get(i) > NOTHING;
        }
        return path.toString();
    }

    private static double x(int place, int of) {
        return LEFT + (WIDTH - LEFT) * (place + 0.5) / Math.max(1, of);
    }

    private static double y(double level) {
        double inside = Math.max(QUIET, Math.min(LOUD, level));
        return CURVE_TOP + (LOUD - inside) / (LOUD - QUIET) * CURVE;
    }

    private static String num(double value) {
        return Words.number(value);
    }
}
