package org.localav.orchestrator.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.localav.orchestrator.job.MediaWords;

/** The second half of the page: what went in, what was said and paid, and every command. */
final class ReportDetails {
    private final Markup page;
    private final JsonNode report;

    ReportDetails(Markup page, JsonNode report) {
        this.page = page;
        this.report = report;
    }

    void inputs() {
        if (report.path("inputs").isEmpty()) {
            return;
        }
        ReportPage.section(page, "What it was made of", () -> {
            head("Name", "File", "What it is", "Size");
            for (JsonNode input : report.path("inputs")) {
                page.open("tr").put("td", input.path("alias").asText()).open("td");
                page.text(Words.fileName(input.path("path").asText()))
                        .put("span", input.path("path").asText(), "class", "under")
                        .put("span", "SHA-256 " + input.path("sha256").asText(), "class", "under")
                        .close("td");
                page.open("td").text(input.path("summary").asText());
                input.path("facts").path("notes").forEach(note -> page.put("span", note.asText(), "class", "under"));
                page.close("td")
                        .put("td", MediaWords.size(input.path("bytes").asLong()), "class", "n")
                        .close("tr");
            }
            page.close("tbody", "table", "div");
        });
    }

    void speech() {
        long asked = 0;
        long kept = 0;
        int sentences = 0;
        for (JsonNode step : report.path("steps")) {
            JsonNode characters = step.path("facts").path("characters");
            if (step.path("stage").asText().equals("tts")) {
                sentences++;
                asked += step.path("reused").asBoolean() ? 0 : characters.asLong();
                kept += step.path("reused").asBoolean() ? characters.asLong() : 0;
            }
        }
        if (sentences == 0) {
            return;
        }
        String words = Words.count(sentences, "sentence", "sentences") + ": "
                + Words.count(asked, "character was", "characters were") + " spoken for this run"
                + (kept > 0 ? ", " + kept + " more were already there" : "") + ".";
        ReportPage.section(page, "Speech", () -> {
            page.put("p", words);
            JsonNode bought = report.path("speech");
            if (!bought.isEmpty()) {
                head("Provider", "Sentences", "Characters", "Cost");
                bought.forEach(this::provider);
                page.close("tbody", "table", "div");
            }
        });
    }

    private void provider(JsonNode provider) {
        page.open("tr").put("td", provider.path("provider").asText());
        page.put("td", provider.path("sentences").asText())
                .put("td", provider.path("characters").asText());
        page.put(
                        "td",
                        provider.hasNonNull("cost")
                                ? provider.path("cost")
                                                .decimalValue()
                                                .stripTrailingZeros()
                                                .toPlainString() + " "
                                        + report.path("currency").asText()
                                : "price not known")
                .close("tr");
    }

    private void head(String... names) {
        page.open("div", "class", "wide").open("table").open("thead").open("tr");
        for (String name : names) {
            page.put("th", name);
        }
        page.close("tr", "thead").open("tbody");
    }

    void steps() {
        if (report.path("steps").isEmpty()) {
            return;
        }
        ReportPage.section(page, "Every step and its command", () -> {
            page.put(
                    "p", "The commands can be pasted into a shell. A click selects a whole command.", "class", "aside");
            for (JsonNode stage : report.path("stages")) {
                List<JsonNode> own = new ArrayList<>();
                report.path("steps").forEach(step -> {
                    if (step.path("stage").equals(stage.path("stage"))) {
                        own.add(step);
                    }
                });
                if (!own.isEmpty()) {
                    page.put("h3", stage.path("stage").asText());
                    own.forEach(this::step);
                }
            }
        });
    }

    private void step(JsonNode step) {
        boolean reused = step.path("reused").asBoolean();
        page.open("details").open("summary");
        page.put("span", step.path("step").asText(), "class", "name");
        page.put("span", reused ? "reused" : "done", "class", reused ? "badge reused" : "badge done");
        List<String> facts = new ArrayList<>();
        if (!reused) {
            facts.add(Words.seconds(step.path("took").asDouble()));
        }
        if (step.path("bytes").asLong() > 0) {
            facts.add(MediaWords.size(step.path("bytes").asLong()));
        }
        page.put("span", String.join(" \u00b7 ", facts), "class", "what").close("summary");
        step.path("commands").forEach(command -> page.put("pre", command.asText(), "class", "command"));
        page.open("dl", "class", "small");
        page.pair("Key", step.path("key").asText());
        if (step.hasNonNull("sha256")) {
            page.pair("SHA-256", step.path("sha256").asText());
        }
        step.path("facts")
                .fields()
                .forEachRemaining(
                        fact -> page.pair(fact.getKey(), fact.getValue().asText()));
        page.close("dl", "details");
    }

    void versions() {
        ReportPage.section(page, "Made with", () -> {
            page.open("dl", "class", "small");
            report.path("versions")
                    .fields()
                    .forEachRemaining(version ->
                            page.pair(version.getKey(), version.getValue().asText()));
            page.pair("spec", report.path("spec").path("file").asText());
            page.pair("SHA-256", report.path("spec").path("sha256").asText());
            page.pair("run", report.path("run").asText());
            page.close("dl");
        });
    }
}
