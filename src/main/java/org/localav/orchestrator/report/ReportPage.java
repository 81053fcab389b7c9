package org.localav.orchestrator.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.localav.orchestrator.job.MediaWords;

/**
 * A run's report for people who never saw the program: one HTML file without scripts that asks for nothing else. It is
 * made of {@code report.json} alone, so it can be made again at any time, with pictures once they are drawn.
 */
public final class ReportPage {
    /** What tells a page with pictures from one without. */
    static final String DRAWN = "<meta name=\"pictures\" content=\"drawn\">";

    private static final String STYLE = style();

    /** The page's content security policy: nothing but its own style and the pictures in it, whoever wrote its words. */
    public static final String POLICY = policy();

    private final JsonNode report;
    private final Optional<Pictures> pictures;
    private final Markup page = new Markup();

    private ReportPage(JsonNode report, Optional<Pictures> pictures) {
        this.report = report;
        this.pictures = pictures;
    }

    /** @param report as {@code report.json} has it */
    public static byte[] of(JsonNode report, Optional<Pictures> pictures) {
        return new ReportPage(report, pictures).whole().getBytes(StandardCharsets.UTF_8);
    }

    private String whole() {
        page.raw("<!doctype html>\n").open("html", "lang", "en").open("head").raw("<meta charset=\"utf-8\">\n");
        page.open("meta", "http-equiv", "Content-Security-Policy", "content", POLICY)
                .raw("\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
                .raw("<meta name=\"color-scheme\" content=\"light dark\">\n")
                .raw("<meta name=\"referrer\" content=\"no-referrer\">\n")
                .raw(pictures.isPresent() ? DRAWN + "\n" : "")
                .put("title", name() + " \u2013 " + status())
                .open("style")
                .raw(STYLE)
                .close("style", "head");
        page.open("body").open("main");
        head();
        failure();
        outputs();
        sound();
        notes();
        section("What happened when", () -> TimelineChart.draw(page, report));
        ReportDetails details = new ReportDetails(page, report);
        details.inputs();
        details.speech();
        details.steps();
        details.versions();
        return page.close("main", "body", "html").toString();
    }

    private static String policy() {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(STYLE.getBytes(StandardCharsets.UTF_8));
            return "default-src 'none'; img-src data:; style-src 'sha256-"
                    + Base64.getEncoder().encodeToString(hash) + "'; base-uri 'none'; form-action 'none'";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String style() {
        try (InputStream file = ReportPage.class.getResourceAsStream("/report/report.css")) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("report.css can't be read", e);
        }
    }

    private void section(String title, Runnable content) {
        section(page, title, content);
    }

    static void section(Markup page, String title, Runnable content) {
        page.open("section").put("h2", title);
        content.run();
        page.close("section");
    }

    private String name() {
        return report.path("title").asText(report.path("job_id").asText());
    }

    private String status() {
        return Words.state(report.path("status").asText());
    }

    private void head() {
        page.open("header")
                .open("p", "class", "kicker")
                .text("Production report")
                .close("p");
        page.put("h1", name());
        page.open("p", "class", "lead")
                .put(
                        "strong",
                        status(),
                        "class",
                        "badge " + report.path("status").asText())
                .text(" " + summary())
                .close("p");
        page.open("dl", "class", "facts");
        page.pair("Job", report.path("job_id").asText());
        time("Began", report.path("created_at"));
        time("Ended", report.path("ended_at"));
        page.pair("Took", Words.seconds(report.path("took").asDouble()));
        report.path("tags")
                .fields()
                .forEachRemaining(tag -> page.pair(tag.getKey(), tag.getValue().asText()));
        page.close("dl", "header");
    }

    private void time(String name, JsonNode time) {
        if (time.isTextual()) {
            page.pair(name, Words.moment(Instant.parse(time.asText())));
        }
    }

    private String summary() {
        int files = report.path("outputs").size();
        int reused = 0;
        for (JsonNode step : report.path("steps")) {
            reused += step.path("reused").asBoolean() ? 1 : 0;
        }
        int ran = report.path("steps").size() - reused;
        return (files == 0 ? "No file was published" : Words.count(files, "file was published", "files were published"))
                + ". Of the work, "
                + Words.count(ran, "step was done", "steps were done")
                + " and " + Words.count(reused, "was", "were")
                + " taken over from earlier runs.";
    }

    private void failure() {
        JsonNode failure = report.path("failure");
        if (!failure.isObject()) {
            return;
        }
        page.open("section", "class", "failure").put("h2", "Why it did not succeed");
        page.put("p", failure.path("sentence").asText(), "class", "sentence");
        if (failure.hasNonNull("command")) {
            page.put("h3", "The command that failed");
            page.put("pre", failure.path("command").asText(), "class", "command");
        }
        if (!failure.path("last_lines").isEmpty()) {
            List<String> lines = new ArrayList<>();
            failure.path("last_lines").forEach(line -> lines.add(line.asText()));
            page.put("h3", "What it said at the end");
            page.put("pre", String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size())));
        }
        page.close("section");
    }

    private void outputs() {
        JsonNode outputs = report.path("outputs");
        if (!outputs.isEmpty()) {
            section("What was made", () -> {
                for (int i = 0; i < outputs.size(); i++) {
                    output(i, outputs.get(i));
                }
                if (pictures.isEmpty()) {
                    page.put(
                            "p",
                            "Pictures and curves of the result are not drawn yet: avo report "
                                    + report.path("job_id").asText() + " draws them into this file.",
                            "class",
                            "aside");
                }
            });
        }
    }

    private void output(int place, JsonNode output) {
        page.open("article", "class", "output");
        page.put("h3", Words.fileName(output.path("file").asText()));
        List<String> facts = new ArrayList<>();
        double seconds = output.path("measured").path("duration").asDouble();
        if (seconds > 0) {
            facts.add(Words.seconds(seconds));
        }
        facts.add(MediaWords.size(output.path("bytes").asLong()));
        facts.add("preset " + output.path("preset").asText());
        if (output.path("already").asBoolean()) {
            facts.add("stood there already, the same to the byte");
        }
        page.put("p", String.join(" \u00b7 ", facts), "class", "what");
        List<Pictures.Frame> frames = pictures.stream()
                .flatMap(p -> p.frames().stream())
                .filter(frame -> frame.output() == place)
                .toList();
        if (!frames.isEmpty()) {
            page.open("div", "class", "sheet");
            frames.forEach(this::frame);
            page.close("div");
        }
        page.open("dl", "class", "small");
        page.pair("Place", output.path("file").asText());
        page.pair("SHA-256", output.path("sha256").asText());
        page.close("dl", "article");
    }

    private void frame(Pictures.Frame frame) {
        String at = Words.clock(frame.second());
        page.open("figure")
                .open(
                        "img",
                        "alt",
                        "The picture at " + at,
                        "src",
                        "data:image/jpeg;base64," + Base64.getEncoder().encodeToString(frame.jpeg()));
        page.put("figcaption", at).close("figure");
    }

    private void sound() {
        List<JsonNode> measured = new ArrayList<>();
        report.path("outputs").forEach(output -> {
            if (output.path("measured").path("loudness").isObject()) {
                measured.add(output);
            }
        });
        Optional<Pictures.Sound> drawn = pictures.flatMap(Pictures::sound);
        if (measured.isEmpty() && drawn.isEmpty()) {
            return;
        }
        JsonNode target = report.path("loudness");
        section("Sound", () -> {
            drawn.ifPresent(sound -> SoundChart.draw(
                    page,
                    sound,
                    target.hasNonNull("integrated")
                            ? OptionalDouble.of(target.path("integrated").asDouble())
                            : OptionalDouble.empty()));
            if (!measured.isEmpty()) {
                loudness(measured, target);
            }
        });
    }

    private void loudness(List<JsonNode> outputs, JsonNode target) {
        page.open("div", "class", "wide").open("table").open("thead").open("tr");
        page.put("th", "File").put("th", "Loudness", "class", "n").put("th", "True peak", "class", "n");
        page.put("th", "Range", "class", "n")
                .put("th", "Target")
                .close("tr", "thead")
                .open("tbody");
        for (JsonNode output : outputs) {
            JsonNode measured = output.path("measured").path("loudness");
            page.open("tr").put("td", Words.fileName(output.path("file").asText()));
            level(measured.path("integrated"), "LUFS");
            level(measured.path("true_peak"), "dBTP");
            level(measured.path("range"), "LU");
            page.put("td", target.isObject() ? against(measured, target) : "none")
                    .close("tr");
        }
        page.close("tbody", "table", "div");
        page.put(
                "p",
                "Loudness as EBU R128 measures it. LUFS tells how loud a whole piece sounds; podcasts aim at "
                        + "\u221216, television at \u221223. The true peak is its highest moment.",
                "class",
                "aside");
    }

    private void level(JsonNode value, String unit) {
        page.put("td", value.isNumber() ? Words.decibels(value.asDouble()) + " " + unit : "\u2013", "class", "n");
    }

    private static String against(JsonNode measured, JsonNode target) {
        double aim = target.path("integrated").asDouble();
        double off = measured.path("integrated").asDouble() - aim;
        String peak = Words.decibels(target.path("true_peak").asDouble());
        String loud = Math.abs(off) < 0.05
                ? "met exactly"
                : Words.decibels(Math.abs(off)) + " LU " + (off > 0 ? "louder" : "quieter");
        boolean over = measured.path("true_peak").isNumber()
                && measured.path("true_peak").asDouble()
                        > target.path("true_peak").asDouble() + 0.05;
        return Words.decibels(aim) + " LUFS: " + loud + "; peak at most " + peak + " dBTP: "
                + (over ? "exceeded" : "kept");
    }

    private void notes() {
        if (!report.path("notes").isEmpty()) {
            section("Worth knowing", () -> {
                page.open("ul");
                report.path("notes").forEach(note -> page.put("li", note.asText()));
                page.close("ul");
            });
        }
    }
}
