package org.localav.orchestrator.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.localav.orchestrator.ffmpeg.Source;
import org.localav.orchestrator.spec.Rational;

/** Mixes real files and looks at the samples. */
@Tag("tools")
class MixSamplesTest {
    @TempDir
    Path folder;

    private SoundBench bench;

    @BeforeEach
    void openBench() {
        bench = new SoundBench(folder);
    }

    @ParameterizedTest
    @CsvSource({
        "tone.wav,pcm_s16le,48000,1",
        "tone.wav,pcm_s16le,44100,2",
        "tone.wav,pcm_s16le,22050,1",
        "tone.flac,flac,44100,2",
        "tone.mp3,libmp3lame,44100,2",
        "tone.m4a,aac,48000,2",
        "tone.m4a,aac,44100,1",
        "tone.mkv,flac,48000,2",
        "tone.ogg,libopus,48000,1",
        "tone.webm,libopus,48000,2",
        "tone.ogg,libvorbis,44100,2"
    })
    void aSoundStartsAtTheSampleItsStartSays(String name, String codec, int rate, int channels) {
        // Given a rounded click 250 ms into a file, which no codec moves
        Source click = bench.asset(
                name,
                "aevalsrc=exprs='0.5*exp(-pow((t-0.25)*2500,2))':s=" + rate + ":d=1",
                "-ac",
                Integer.toString(channels),
                "-c:a",
                codec,
                "-b:a",
                "128k");

        // When it is mixed at 1 s, from 100 ms on
        float[] mix = mix(List.of(List.of(item(click).start(1000).in(100).get())));

        // Then the click lies at 1.15 s
        assertEquals(55_200, SoundBench.peak(mix, 0, mix.length), 1);
    }

    @Test
    void monoSoundsAsLoudOnBothSidesAsItWas() {
        Source tone = bench.asset("mono.wav", "sine=1000:d=1:r=44100", "-ac", "1");

        SoundBench.Run run = bench.run(recipe(List.of(List.of(item(tone).get()))));

        assertEquals(-21.07, SoundBench.rms(bench.samples(run.file(), 0), 0.2, 0.8), 0.05);
        assertEquals(-21.07, SoundBench.rms(bench.samples(run.file(), 1), 0.2, 0.8), 0.05);
    }

    @Test
    void theCentreOfSixChannelsIsHeardOnBothSides() {
        Source tone = bench.asset("six.wav", "aevalsrc=0|0|0.5*sin(2*PI*500*t)|0|0|0:c=5.1:d=1:s=48000");

        SoundBench.Run run = bench.run(recipe(List.of(List.of(item(tone).get()))));

        assertEquals(-12.04, SoundBench.rms(bench.samples(run.file(), 0), 0.2, 0.8), 0.05);
        assertEquals(-12.04, SoundBench.rms(bench.samples(run.file(), 1), 0.2, 0.8), 0.05);
    }

    @Test
    void soundsThatOverlapAreSummedWithoutBeingLowered() {
        Source tone = bench.asset("tone.wav", "sine=1000:d=1:r=48000");

        float[] mix = mix(List.of(List.of(
                item(tone).start(0).get(),
                item(tone).start(500).get(),
                item(tone).gap(250).get())));

        assertEquals(-21.07, SoundBench.rms(mix, 0.1, 0.4), 0.05);
        assertEquals(-15.05, SoundBench.rms(mix, 0.6, 0.9), 0.05);
        assertEquals(-21.07, SoundBench.rms(mix, 1.1, 1.4), 0.05);
        assertEquals(-120, SoundBench.rms(mix, 1.5, 1.75), 0.05);
        assertEquals(-21.07, SoundBench.rms(mix, 1.8, 2.7), 0.05);
        assertEquals(132_000, mix.length);
    }

    @Test
    void aLoopRepeatsItsPartToTheSampleUntilTheEndAndFadesThere() {
        // Given a file with one click at 400 ms, of which 300 ms to 550 ms are looped
        Source click = bench.asset("click.wav", "aevalsrc=exprs='if(eq(n,19200),0.5,0)':s=48000:d=1");
        Source still = bench.asset("still.wav", "anullsrc=r=48000:cl=mono:d=2");

        // When
        float[] mix = mix(List.of(
                List.of(item(still).get()),
                List.of(item(click).in(300).out(550).loop().fadeOut(500).get())));

        // Then there is one every 250 ms, at -6 dB in the middle of the fade
        for (int turn = 0; turn < 8; turn++) {
            int expected = 4800 + turn * 12_000;
            assertEquals(expected, SoundBench.peak(mix, turn * 12_000, (turn + 1) * 12_000));
            double left = Math.min(1, (96_000 - expected) / 24_000.0);
            assertEquals(0.5 * left, mix[expected], 0.001);
        }
        assertEquals(96_000, mix.length);
    }

    @Test
    void aLoopedPartThatIsLongerThanThePieceIsCut() {
        Source tone = bench.asset("tone.wav", "sine=1000:d=3:r=48000");
        Source still = bench.asset("still.wav", "anullsrc=r=48000:cl=mono:d=1");

        float[] mix = mix(List.of(
                List.of(item(still).get()),
                List.of(item(tone).loop().fadeIn(500).get())));

        assertEquals(48_000, mix.length);
        assertTrue(SoundBench.rms(mix, 0, 0.1) < -35, "fades in");
        assertEquals(-21.07, SoundBench.rms(mix, 0.6, 1), 0.1);
    }

    @ParameterizedTest
    @CsvSource({"long.wav,pcm_s16le", "long.m4a,aac", "long.mp3,libmp3lame", "long.mkv,libopus"})
    void aPartFarIntoAFileIsFoundToTheSample(String name, String codec) {
        Source click =
                bench.asset(name, "aevalsrc=exprs='0.5*exp(-pow((t-31.25)*2500,2))':s=44100:d=40", "-c:a", codec);

        float[] mix = mix(List.of(List.of(item(click).in(31_000).out(31_500).get())));

        // Jumping in Matroska goes by a clock of milliseconds from which Opus' pre-skip is missing
        assertEquals(12_000, SoundBench.peak(mix, 0, mix.length), name.endsWith("mkv") ? 480 : 1);
        assertEquals(24_000, mix.length);
    }

    @Test
    void soundKeptFromClipsLiesAtTheirFramesAndThePieceIsAsLongAsThePicture() {
        // Given clips of 10, 15 and 20 frames at 30000/1001; the second has a click 100 ms in that is kept at -6 dB
        Source.AssetFile clip = bench.asset(
                "clip.mp4",
                "testsrc=s=64x64:r=25:d=2[out0];aevalsrc=exprs='0.5*exp(-pow((t-0.6)*2500,2))':s=48000:d=2[out1]");
        MixRecipe.Picture picture = new MixRecipe.Picture(
                new Rational(30_000, 1001),
                List.of(
                        new MixRecipe.Clip(Span.of(10), Optional.empty()),
                        new MixRecipe.Clip(
                                Span.of(15), Optional.of(new MixRecipe.Kept(clip, Duration.ofMillis(500), -6.0206))),
                        new MixRecipe.Clip(Span.of(20), Optional.empty())));

        // When
        float[] mix = bench.samples(
                bench.run(new MixRecipe(List.of(), Optional.of(picture))).file());

        // Then
        assertEquals(16_016 + 4800, SoundBench.peak(mix, 0, mix.length), 1);
        assertEquals(0.25, mix[SoundBench.peak(mix, 0, mix.length)], 0.02);
        assertEquals(72_072, mix.length);
    }

    @Test
    void aBedGoesDownByTheAmountWhileSpeechSoundsAndComesBackAfterIt() {
        // Given loud and quiet speech with a pause of 3 s between them over a steady tone
        Source first = bench.speech("Welcome to the tour, which shows how a film is made from a text.");
        Source second = bench.speech("And this is the second sentence, spoken much more quietly.");
        Source tone = bench.asset("bed.wav", "sine=8000:d=1:r=48000");
        double end = bench.measured((Source.StepResult) first).duration().toMillis() / 1000.0;

        // When
        float[] mix = mix(List.of(
                List.of(
                        item(first).start(2000).gain(-6).get(),
                        item(second).gap(3000).gain(-20).get()),
                List.of(item(tone).loop().duck(0, 10, 50, 500).get())));

        // Then the tone, heard alone in its band, falls by 10 dB and stays there between words
        double open = tone(mix, 1, 1.9);
        for (double at = 2.15; at < 2 + end - 0.1; at += 0.1) {
            assertEquals(open - 10, tone(mix, at, at + 0.1), 0.6, "at " + at);
        }
        assertEquals(open, tone(mix, 2 + end + 1, 2 + end + 2.9), 0.1);
        assertEquals(open - 10, tone(mix, 2 + end + 3.5, 2 + end + 4.5), 0.6);
    }

    @Test
    void trackNamesAndLabelsDoNotChangeTheKeyButPlacesDo() {
        Source speech = new Source.StepResult("00");
        MixRecipe one = recipe(List.of(List.of(item(speech).start(1000).get())));
        MixRecipe moved = recipe(List.of(List.of(item(speech).start(1001).get())));
        MixRecipe.Item item = one.tracks().get(0).items().get(0);
        MixRecipe relabelled = recipe(List.of(List.of(new MixRecipe.Item(
                "other",
                item.source(),
                item.start(),
                item.gap(),
                item.in(),
                item.out(),
                false,
                0,
                item.fadeIn(),
                item.fadeOut(),
                item.duck()))));

        assertEquals(Keys.of(one, "t"), Keys.of(relabelled, "t"));
        assertTrue(!Keys.of(one, "t").equals(Keys.of(moved, "t")));
    }

    /** Level of the 8 kHz bed, which speech of espeak-ng at 22 kHz hardly touches, by Goertzel's sum. */
    private static double tone(float[] samples, double from, double to) {
        int first = (int) (from * 48000);
        int count = (int) ((to - from) * 48000);
        double re = 0;
        double im = 0;
        for (int i = 0; i < count; i++) {
            double window = 1 - Math.cos(2 * Math.PI * i / count);
            double angle = 2 * Math.PI * 8000 * i / 48000;
            re += window * samples[first + i] * Math.cos(angle);
            im += window * samples[first + i] * Math.sin(angle);
        }
        return 10 * Math.log10((re * re + im * im) / ((double) count * count));
    }

    private float[] mix(List<List<MixRecipe.Item>> tracks) {
        return bench.samples(bench.run(recipe(tracks)).file());
    }

    private static MixRecipe recipe(List<List<MixRecipe.Item>> tracks) {
        return new MixRecipe(tracks.stream().map(MixRecipe.Track::new).toList(), Optional.empty());
    }

    private static ItemDraft item(Source source) {
        return new ItemDraft(source);
    }
}
