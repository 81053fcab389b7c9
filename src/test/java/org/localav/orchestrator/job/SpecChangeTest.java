package org.localav.orchestrator.job;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.localav.orchestrator.spec.SpecReader;

/** Two specs, and what is said to have changed between them. */
class SpecChangeTest {
    private static final String SPEC =
            """
            version: 1
            job: {title: Tour}
            assets: {a: a.mp4, b: b.mp4, c: c.mp4}
            audio:
              tracks:
                voice:
                  - {tts: {text: One.}}
                  - {tts: {text: Two.}}
                  - {tts: {text: Three.}}
            video:
              clips:
                - {asset: a, out: 2s}
                - {asset: b}
                - {asset: c}
              filters: [hue=s=0]
            outputs: [{path: out/a.mp4, preset: web-720p}]
            """;

    @Test
    void saysNothingOfAnotherLayout() throws Exception {
        assertEquals(List.of(), changes(SPEC, SPEC.replace("{asset: b}", "\n        asset: b # the second")));
    }

    @Test
    void givesPathAndBothValuesOfWhatChanged() throws Exception {
        assertEquals(List.of("job.title: Tour -> Walk"), changes(SPEC, SPEC.replace("Tour", "Walk")));
        assertEquals(
                List.of("video.clips[0].out: 2s -> 2500ms", "video.filters[0]: hue=s=0 -> hue=s=1"),
                changes(SPEC, SPEC.replace("out: 2s", "out: 2500ms").replace("hue=s=0", "hue=s=1")));
        assertEquals(
                List.of("audio.tracks.voice[1].tts.text: Two. -> Two!"), changes(SPEC, SPEC.replace("Two.", "Two!")));
    }

    @Test
    void tellsWhatMovedFromWhatWasAddedAndRemoved() throws Exception {
        assertEquals(
                List.of("video.clips[0] moved: was video.clips[2]"),
                changes(
                        SPEC,
                        SPEC.replace("    - {asset: c}\n", "")
                                .replace("    - {asset: a,", "    - {asset: c}\n    - {asset: a,")));
        assertEquals(
                List.of("audio.tracks.voice[1] added: {tts: {text: Then.}}"),
                changes(
                        SPEC,
                        SPEC.replace(
                                "      - {tts: {text: Two.}}",
                                "      - {tts: {text: Then.}}\n      - {tts: {text: Two.}}")));
        assertEquals(
                List.of("audio.tracks.voice[0] removed: {tts: {text: One.}}"),
                changes(SPEC, SPEC.replace("      - {tts: {text: One.}}\n", "")));
    }

    @Test
    void knowsAClipThatMovedAndChanged() throws Exception {
        assertEquals(
                List.of("video.clips[0] moved: was video.clips[2]", "video.clips[0].in added: 1s"),
                changes(
                        SPEC,
                        SPEC.replace("    - {asset: c}\n", "")
                                .replace("    - {asset: a,", "    - {asset: c, in: 1s}\n    - {asset: a,")));
    }

    private static List<String> changes(String before, String after) throws Exception {
        return SpecChange.between(SpecReader.read("a.yaml", before, false), SpecReader.read("b.yaml", after, false))
                .stream()
                .map(SpecChange::toString)
                .toList();
    }
}
