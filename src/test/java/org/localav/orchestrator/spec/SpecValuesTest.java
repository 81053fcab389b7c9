package org.localav.orchestrator.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.localav.orchestrator.spec.JobSpec.Asset;
import org.localav.orchestrator.spec.JobSpec.AudioItem;
import org.localav.orchestrator.spec.JobSpec.Clip;
import org.localav.orchestrator.spec.JobSpec.ClipSound;
import org.localav.orchestrator.spec.JobSpec.Duck;
import org.localav.orchestrator.spec.JobSpec.Fit;
import org.localav.orchestrator.spec.JobSpec.Job;
import org.localav.orchestrator.spec.JobSpec.Loudness;
import org.localav.orchestrator.spec.JobSpec.Output;
import org.localav.orchestrator.spec.JobSpec.Retry;
import org.localav.orchestrator.spec.JobSpec.Tts;
import org.localav.orchestrator.spec.JobSpec.Video;
import org.localav.orchestrator.spec.JobSpec.Webhook;

/** What becomes of the fields of a good spec. */
class SpecValuesTest {
    private static final String HASH = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    @Test
    void carriesEveryFieldOver() throws Exception {
        JobSpec spec = good("everything");

        assertEquals(
                new Job(
                        Optional.of("tour-001"),
                        Optional.of("Product tour"),
                        Map.of("project", "tour", "owner", "docs"),
                        7,
                        Set.of("cpu"),
                        Optional.of(Duration.ofMinutes(30)),
                        Map.of("tts", Duration.ofMinutes(2)),
                        new Retry(2, Duration.ofSeconds(2), 2),
                        new JobSpec.Limits(Optional.of(5000), Optional.of(1.5)),
                        false,
                        List.of(new Webhook(
                                "https://ci.example/hook", Set.of("succeeded", "failed"), Optional.of("HOOK_SECRET")))),
                spec.job());
        assertEquals(
                Map.of(
                        "intro", new Asset(Optional.of("media/intro.mp4"), Optional.empty(), Optional.empty()),
                        "photo", new Asset(Optional.of("media/team.jpg"), Optional.empty(), Optional.empty()),
                        "music", new Asset(Optional.of("media/bed.mp3"), Optional.empty(), Optional.of(HASH)),
                        "remote",
                                new Asset(
                                        Optional.empty(),
                                        Optional.of("https://media.example/jingle.wav"),
                                        Optional.of(HASH))),
                spec.assets());
        assertEquals(
                List.of(new Output("out/tour.mp4", "web-720p", true), new Output("out/tour.m4a", "podcast", false)),
                spec.outputs());
    }

    @Test
    void carriesTheSoundOver() throws Exception {
        JobSpec.Audio audio = good("everything").audio().orElseThrow();

        assertEquals(
                List.of("narration", "bed", "jingle"),
                List.copyOf(audio.tracks().keySet()));
        AudioItem second = audio.tracks().get("narration").get(1);
        assertEquals(
                Optional.of(new Tts("欢迎。", Optional.of("cmn"), Optional.empty(), 1.0, Optional.empty())), second.tts());
        assertEquals(Optional.empty(), second.start());
        assertEquals(Duration.ofMillis(400), second.gap());
        assertEquals(
                new AudioItem(
                        Optional.empty(),
                        Optional.of("music"),
                        Optional.empty(),
                        Duration.ZERO,
                        Duration.ZERO,
                        Optional.empty(),
                        true,
                        -12,
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(3),
                        Optional.of(new Duck("narration", 10, Duration.ofMillis(30), Duration.ofMillis(500)))),
                audio.tracks().get("bed").get(0));
        assertEquals(
                Optional.of(Duration.ofMillis(2500)),
                audio.tracks().get("jingle").get(0).start());
        assertEquals(Optional.of(new Loudness(-16, -1.5, Optional.of(11.0))), audio.loudness());
    }

    @Test
    void carriesThePictureOver() throws Exception {
        Video video = good("everything").video().orElseThrow();

        assertEquals(
                List.of(
                        clip("intro", 0, Optional.of(4), Optional.empty(), new ClipSound.Mute()),
                        clip("photo", 0, Optional.empty(), Optional.of(5), new ClipSound.Keep()),
                        clip("intro", 4, Optional.empty(), Optional.empty(), new ClipSound.Gain(-6)),
                        clip("intro", 0, Optional.empty(), Optional.empty(), new ClipSound.Keep())),
                video.clips());
        assertEquals(Optional.of(new Size(1280, 720)), video.size());
        assertEquals(Optional.of(new Rational(30, 1)), video.fps());
        assertEquals(Optional.of(Fit.CONTAIN_BLUR), video.fit());
        assertEquals(List.of("eq=contrast=1.05"), video.filters());
    }

    @Test
    void keepsPlainTextAsItIsWritten() throws Exception {
        JobSpec spec = good("plain-text-stays-text");

        assertEquals(Optional.of("012"), spec.job().id());
        assertEquals(Optional.of("no"), spec.job().title());
        assertEquals(
                Map.of("build", "1_000", "time", "12:30", "answer", "yes"),
                spec.job().tags());
        assertEquals(Set.of("on", "0x1F"), spec.job().labels());
        assertEquals(new Output("1.10", "007", false), spec.outputs().get(0));
        assertEquals(
                Optional.of("yes"),
                spec.audio().orElseThrow().tracks().get("on").get(0).tts().map(Tts::text));
    }

    @Test
    void readsDurationsGainsAndRatesInAllTheirSpellings() throws Exception {
        JobSpec spec = good("durations-and-rates");
        AudioItem item = spec.audio().orElseThrow().tracks().get("x").get(0);
        Video video = spec.video().orElseThrow();

        assertEquals(Optional.of(Duration.ofHours(1)), item.start());
        assertEquals(Optional.of(Duration.ofMinutes(2)), item.out());
        assertEquals(Duration.ofMillis(1250), item.fadeIn());
        assertEquals(3, item.gainDb());
        assertEquals(Optional.of(Duration.ofMillis(62500)), video.clips().get(0).out());
        assertEquals(new ClipSound.Gain(-3.5), video.clips().get(0).audio());
        assertEquals(Optional.of(new Rational(30000, 1001)), video.fps());
        assertEquals(
                Optional.of(new Rational(30000, 1001)),
                good("ntsc-rate-as-a-number").video().orElseThrow().fps());
    }

    @Test
    void pointsLaterChecksAtTheValue() throws Exception {
        Parsed parsed = SpecReader.read(JobFiles.FOLDER.resolve("good/everything.yaml"));

        assertEquals(29, parsed.violation("audio.tracks.jingle[0].asset", "x").line());
        assertEquals(17, parsed.violation("audio.tracks.jingle[0].asset", "x").column());
        assertEquals(9, parsed.violation("audio.tracks.jingle[0].gain", "x").column());
        assertEquals(32, parsed.violation("video", "x").line());
    }

    private static Clip clip(String asset, int in, Optional<Integer> out, Optional<Integer> length, ClipSound sound) {
        return new Clip(
                asset, Duration.ofSeconds(in), out.map(Duration::ofSeconds), length.map(Duration::ofSeconds), sound);
    }

    private static JobSpec good(String name) throws InvalidSpecException {
        return SpecReader.read(JobFiles.FOLDER.resolve("good/" + name + ".yaml"))
                .spec();
    }
}
