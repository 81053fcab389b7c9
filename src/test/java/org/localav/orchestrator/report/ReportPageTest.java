package org.localav.orchestrator.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.localav.orchestrator.cache.Digests;
import org.localav.orchestrator.job.Report;

/** The page made of a {@code report.json}. */
class ReportPageTest {
    private static final String HOSTILE = "</title><script>alert(1)</script> \"'&\n\u0000";

    private static JsonNode report(String status, String more) throws Exception {
        return Report.JSON.readTree(
                """
                {"job_id": "film", "run": "r1", "title": "A film", "tags": {"client": "Sons & Co"}, "status": "%s",
                 "created_at": "2026-11-26T08:00:00Z", "ended_at": "2026-11-26T08:00:12Z", "took": 12.0,
                 "spec": {"file": "/j/job.yaml", "sha256": "aa"}, "versions": {"avo": "1", "ffmpeg": "5.1"},
                 "inputs": [{"alias": "intro", "path": "/m/intro.mp4", "sha256": "inputhash", "bytes": 2048,
                             "summary": "h264 1280x720 30 fps 5.0 s", "facts": {"notes": ["it is rotated"]}}],
                 "stages": [{"stage": "tts", "status": "succeeded", "started_at": "2026-11-26T08:00:01Z",
                             "ended_at": "2026-11-26T08:00:04Z"}],
                 "steps": [{"step": "tts/voice-1", "stage": "tts", "key": "k1", "reused": true, "commands": [], "took": 0,
                            "bytes": 10, "facts": {"characters": "30"}},
                           {"step": "tts/voice-2", "stage": "tts", "key": "k2", "reused": false, "took": 2.5, "bytes": 10,
                            "commands": ["espeak-ng 'it''s'"], "started_at": "2026-11-26T08:00:01Z",
                            "facts": {"characters": "12"}}],
                 "speech": [{"provider": "dear", "sentences": 1, "characters": 12, "cost": 0.3000}], "currency": "EUR",
                 "loudness": {"integrated": -16, "true_peak": -1.5},
                 "outputs": [{"file": "/o/film.mp4", "preset": "web", "sha256": "outhash", "bytes": 1000, "already": false,
                              "measured": {"duration": 3661, "video_frames": 5,
                                           "loudness": {"integrated": -16.4, "true_peak": -1.2, "range": 3}}}],
                 "notes": ["the mix is short"] %s}
                """
                        .formatted(status, more));
    }

    private static String page(JsonNode report, Pictures... pictures) {
        return new String(ReportPage.of(report, List.of(pictures).stream().findFirst()), StandardCharsets.UTF_8);
    }

    @Test
    void tellsAllThatTheReportHolds() throws Exception {
        String page = page(report("succeeded", ""));

        for (String words : List.of(
                "A film",
                "Sons &amp; Co",
                "1 file was published. Of the work, 1 step was done and 1 was taken over",
                "film.mp4",
                "1:01:01 h",
                "outhash",
                "\u221216.4 LUFS",
                "\u221216.0 LUFS: 0.4 LU quieter; peak at most \u22121.5 dBTP: exceeded",
                "it is rotated",
                "inputhash",
                "12 characters were spoken for this run, 30 more were already there",
                "0.3 EUR",
                "espeak-ng &#39;it&#39;&#39;s&#39;",
                "class=\"row step reused\"",
                "the mix is short",
                "avo report film")) {
            assertTrue(page.contains(words), words);
        }
    }

    @Test
    void tellsWhyAJobFailedWithTheCommandAndItsLastLines() throws Exception {
        String page = page(
                report(
                        "failed",
                        """
                , "failure": {"kind": "failed", "sentence": "ffmpeg exited with 1", "command": "ffmpeg -i 'a b.mp4'",
                              "last_lines": ["Invalid data", "Conversion failed!"]}"""));

        assertTrue(page.contains("ffmpeg exited with 1"));
        assertTrue(page.contains("ffmpeg -i &#39;a b.mp4&#39;"));
        assertTrue(page.contains("Invalid data\nConversion failed!"));
        assertTrue(page.contains("class=\"badge failed\">failed"));
    }

    @Test
    void letsNobodysWordsBecomeMarkup() throws Exception {
        JsonNode report = Report.JSON.readTree(report(
                        "failed",
                        ", \"failure\": {\"sentence\": \"X\", \"command\": \"X\", " + "\"last_lines\": [\"X\"]}")
                .toString()
                .replaceAll(
                        "\"(X|A film|film|tts|/[^\"]*|it is [^\"]*|the mix[^\"]*|espeak[^\"]*|k1|5\\.1|web|dear)\"",
                        "\"HOSTILE\"")
                .replace("\"Sons & Co\"", "\"HOSTILE\"")
                .replace(
                        "HOSTILE",
                        HOSTILE.replace("\"", "\\\"").replace("\n", "\\n").replace("\u0000", "\\u0000")));

        String page = page(report);

        assertTrue(page.contains("&lt;script&gt;"));
        assertFalse(page.contains("<script"));
        assertFalse(page.contains("\u0000"));
        // That of the page, that of the chart, and one for each of its rows.
        assertEquals(2 + count(page, "<g class="), count(page, "</title>"));
    }

    private static int count(String page, String part) {
        return page.split(part, -1).length - 1;
    }

    @Test
    void needsNothingBesideItself() throws Exception {
        String page = page(report("succeeded", ""), pictures());

        assertFalse(Pattern.compile(
                        "https?:|url\\(|@import|<link|<script|src=\"(?!data:image/jpeg;base64,)| on\\w+=| style=")
                .matcher(page)
                .find());
        Matcher style = Pattern.compile("<style>(.*?)</style>", Pattern.DOTALL).matcher(page);
        assertTrue(style.find());
        byte[] hash = HexFormat.of()
                .parseHex(Digests.sha256(Channels.newChannel(
                        new ByteArrayInputStream(style.group(1).getBytes(StandardCharsets.UTF_8)))));
        assertTrue(page.contains("style-src &#39;sha256-" + Base64.getEncoder().encodeToString(hash) + "&#39;"));
    }

    @Test
    void showsFramesWaveformAndLoudnessAgainstTheTarget() throws Exception {
        String page = page(report("succeeded", ""), pictures());

        assertTrue(page.contains("src=\"data:image/jpeg;base64,AQID\""));
        assertTrue(page.contains("class=\"wave\""));
        assertTrue(page.contains("target \u221216.0 LUFS"));
        // Of the first values nothing is known, so the curve begins with the third of four.
        assertTrue(page.contains("class=\"curve\" d=\"M616.5 173.3L845.5 173.3\""), page);
        assertFalse(page.contains("avo report film"));
    }

    private static Pictures pictures() {
        var sound = new Pictures.Sound(0, 4, Collections.nCopies(4, -6.0), List.of(-120.0, -120.0, -16.0, -16.0));
        return new Pictures(List.of(new Pictures.Frame(0, 2, new byte[] {1, 2, 3})), Optional.of(sound));
    }
}
