package org.localav.orchestrator.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** When stages and steps ran, as bars over time. What was reused took no time and is marked where its stage began. */
final class TimelineChart {
    /** Steps of one stage that are shown; of more, the longest. */
    private static final int SHOWN = 16;

    private static final int WIDTH = 960;
    private static final int LABELS = 230;
    /** Room for the words after the last bar. */
    private static final int WORDS = 130;

    private static final int ROW = 22;
    private static final double[] TICKS = {
        0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 18_000, 36_000
    };

    /** A line of the chart, in seconds from the job's beginning. */
    private record Row(String label, String kind, double from, double to, String words) {}

    private final Instant begin;
    private final List<Row> rows = new ArrayList<>();

    private TimelineChart(Instant begin) {
        this.begin = begin;
    }

    static void draw(Markup page, JsonNode report) {
        TimelineChart chart =
                new TimelineChart(Instant.parse(report.path("created_at").asText()));
        for (JsonNode stage : report.path("stages")) {
            if (stage.hasNonNull("started_at")) {
                chart.stage(stage, report.path("steps"));
            }
        }
        chart.draw(page);
    }

    private void stage(JsonNode stage, JsonNode steps) {
        String name = stage.path("stage").asText();
        double from = since(stage.path("started_at"));
        double to = stage.hasNonNull("ended_at") ? since(stage.path("ended_at")) : from;
        List<JsonNode> own = new ArrayList<>();
        steps.forEach(step -> {
            if (step.path("stage").asText().equals(name)) {
                own.add(step);
            }
        });
        String status = stage.path("status").asText();
        rows.add(new Row(name, status, from, to, Words.state(status) + ", " + Words.seconds(to - from)));
        own.sort(
                Comparator.comparingDouble((JsonNode step) -> -step.path("took").asDouble()));
        List<JsonNode> shown = new ArrayList<>(own.subList(0, Math.min(SHOWN, own.size())));
        shown.sort(
                Comparator.comparing((JsonNode step) -> step.path("started_at").asText()));
        for (JsonNode step : shown) {
            boolean reused = step.path("reused").asBoolean();
            double began = step.hasNonNull("started_at") ? since(step.path("started_at")) : from;
            double took = step.path("took").asDouble();
            rows.add(new Row(
                    Words.afterSlash(step.path("step").asText()),
                    reused ? "step reused" : "step",
                    began,
                    began + took,
                    reused ? "reused" : Words.seconds(took)));
        }
        if (own.size() > SHOWN) {
            rows.add(new Row("and " + (own.size() - SHOWN) + " shorter ones", "step none", from, from, ""));
        }
    }

    private double since(JsonNode time) {
        return Math.max(0, Duration.between(begin, Instant.parse(time.asText())).toMillis() / 1000.0);
    }

    private void draw(Markup page) {
        double end = Math.max(0.01, rows.stream().mapToDouble(Row::to).max().orElse(0.01));
        int height = (rows.size() + 1) * ROW + 6;
        page.open("div", "class", "wide")
                .open("svg", "viewBox", "0 0 " + WIDTH + " " + height, "role", "img", "class", "timeline");
        page.put("title", "When each stage and step ran");
        double tick = tick(end);
        for (double at = 0; at <= end; at += tick) {
            double x = x(at, end);
            line(page, x, ROW, height - 6);
            page.put("text", Words.axis(at, tick), "x", num(x), "y", "14", "class", "axis", "text-anchor", "middle");
        }
        for (int i = 0; i < rows.size(); i++) {
            row(page, rows.get(i), (i + 1) * ROW, end);
        }
        page.close("svg", "div");
    }

    private static void line(Markup page, double x, int from, int to) {
        page.open("line", "x1", num(x), "x2", num(x), "y1", num(from), "y2", num(to), "class", "grid")
                .close("line");
    }

    private static void row(Markup page, Row row, int y, double end) {
        boolean step = row.kind().startsWith("step");
        page.open("g", "class", "row " + row.kind());
        page.put("title", row.label() + ": " + row.words());
        page.put(
                "text",
                Words.shortened(row.label(), 30),
                "x",
                step ? "16" : "0",
                "y",
                num(y + 15),
                "class",
                step ? "label" : "label stage");
        double from = x(row.from(), end);
        double width = Math.max(3, x(row.to(), end) - from);
        int thick = step ? 8 : 14;
        if (!row.kind().endsWith("none")) {
            String top = num(y + (ROW - thick) / 2.0);
            page.open("rect", "x", num(from), "y", top, "width", num(width), "height", num(thick), "rx", "3");
            page.close("rect");
        }
        page.put("text", row.words(), "x", num(from + width + 6), "y", num(y + 15), "class", "value");
        page.close("g");
    }

    private static double tick(double end) {
        for (double tick : TICKS) {
            if (end / tick <= 8) {
                return tick;
            }
        }
        return end / 8;
    }

    private static double x(double seconds, double end) {
        return LABELS + seconds / end * (WIDTH - LABELS - WORDS);
    }

    private static String num(double value) {
        return Words.number(value);
    }
}
