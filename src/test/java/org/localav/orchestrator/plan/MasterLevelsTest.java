package org.localav.orchestrator.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.localav.orchestrator.ffmpeg.Source;
import org.localav.orchestrator.spec.JobSpec.Loudness;

/** Masters real sounds as a runner does: encode, measure, correct. */
@Tag("tools")
class MasterLevelsTest {
    private static final Map<String, String> SOUNDS = Map.of(
            "noise", "anoisesrc=d=4:c=pink:r=48000:a=0.4:seed=3,aformat=channel_layouts=stereo",
            "chords",
                    "aevalsrc=exprs='0.1*(sin(2*PI*220*t)+sin(2*PI*277*t)+sgn(sin(2*PI*110*t))+sin(2*PI*440*t))|"
                            + "0.1*(sin(2*PI*221*t)+sin(2*PI*278*t)+sgn(sin(2*PI*111*t)))':s=48000:d=5",
            "sine", "sine=997:r=44100:d=1,volume=15dB",
            "hot", "anoisesrc=d=3:c=pink:r=48000:a=1:seed=5,volume=9dB,aformat=channel_layouts=stereo",
            "drums", "aevalsrc=exprs='0.9*exp(-mod(t,0.4)*25)*sin(2*PI*(60+900*exp(-mod(t,0.4)*90))*t)':s=48000:d=4");

    @TempDir
    Path folder;

    private SoundBench bench;

    @BeforeEach
    void openBench() {
        bench = new SoundBench(folder);
    }

    private record Master(MasterRecipe recipe, SoundBench.Run run, List<Levels.Attempt> attempts) {
        Measured.Loudness encoded() {
            return attempts.get(attempts.size() - 1).encoded();
        }

        @Override
        public String toString() {
            return attempts.toString();
        }
    }

    private Master master(Source.StepResult mix, Optional<Loudness> target, Map<String, String> options) {
        MasterRecipe recipe = new MasterRecipe(mix, target, options);
        List<Levels.Attempt> attempts = new ArrayList<>();
        Optional<Levels> levels = Optional.of(recipe.first(bench));
        SoundBench.Run run = null;
        while (levels.isPresent()) {
            run = bench.run(recipe.command(bench, levels.get()));
            Source.StepResult encoded = bench.result("encoded" + attempts.size(), run.file());
            attempts.add(new Levels.Attempt(
                    levels.get(), bench.run(LoudnessReport.measurement(encoded)).loudness()));
            levels = recipe.next(bench, attempts);
        }
        return new Master(recipe, run, attempts);
    }

    private Source.StepResult mixOf(Source source) {
        MixRecipe mix =
                new MixRecipe(List.of(new MixRecipe.Track(List.of(new ItemDraft(source).get()))), Optional.empty());
        return bench.result(Keys.sha256(source.id()), bench.run(mix));
    }

    private static Optional<Loudness> target(double integrated, double truePeak) {
        return Optional.of(new Loudness(integrated, truePeak, Optional.empty()));
    }

    private static Map<String, String> options(String encoder, String rate) {
        Map<String, String> options = new LinkedHashMap<>(Map.of("c:a", encoder));
        if (!rate.equals("-")) {
            options.put("b:a", rate);
        }
        options.put("ar", "48000");
        options.put("ac", "2");
        return options;
    }

    @ParameterizedTest
    @CsvSource({
        "noise,aac,128k,-16",
        "chords,aac,192k,-14",
        "sine,aac,160k,-23",
        "hot,aac,160k,-14",
        "drums,aac,128k,-16",
        "chords,libmp3lame,128k,-16",
        "drums,libmp3lame,192k,-14",
        "noise,libopus,96k,-16",
        "drums,libopus,128k,-16",
        "chords,pcm_s16le,-,-16",
        "drums,flac,-,-12",
        "sine,libvorbis,128k,-16"
    })
    void theEncodedSoundMeetsItsTarget(String sound, String encoder, String rate, double integrated) {
        Source.StepResult mix = mixOf(bench.asset(sound + ".wav", SOUNDS.get(sound), "-c:a", "pcm_f32le"));

        Master master = master(mix, target(integrated, -1.5), options(encoder, rate));

        assertEquals(integrated, master.encoded().integrated(), 0.5, master::toString);
        assertTrue(master.encoded().peak() <= -1.5, master::toString);
    }

    @ParameterizedTest
    @CsvSource({"aac,160k,m4a", "libmp3lame,128k,mp3", "libopus,128k,ogg", "flac,-,flac", "pcm_s24le,-,wav"})
    void speechKeepsItsLengthAndPlaceWhenItIsMastered(String encoder, String rate, String extension) {
        // Given speech that must be limited, and a length that no codec's frame divides
        Source.StepResult mix = mixOf(bench.speech("One sentence of narration, neither long nor short."));
        float[] before = bench.samples(bench.file(mix));

        // When
        Master master = master(mix, target(-15, -1.5), options(encoder, rate));

        // Then
        assertEquals(extension, master.recipe().extension());
        float[] after = bench.samples(master.run().file());
        // ffmpeg's AAC decoder plays the last frame whole, though the file says where the sound ends in it
        assertEquals(before.length, after.length, extension.equals("m4a") ? 1023 : 1);
        assertEquals(
                before.length / 48000.0,
                bench.media(bench.asset(master.run().file())).duration().toNanos() / 1e9,
                0.001);
        assertEquals(0, lag(before, after), encoder);
        assertEquals(-15, master.encoded().integrated(), 0.5, master::toString);
    }

    @Test
    void realMusicMeetsItsTargetInAac() {
        Path music = bench.shared("music-cc-by.mp3");
        Assumptions.assumeTrue(Files.exists(music), "no shared media at " + music);

        Master master = master(mixOf(bench.asset(music)), target(-12, -1), options("aac", "128k"));

        assertEquals(-12, master.encoded().integrated(), 0.5, master::toString);
        assertTrue(master.encoded().peak() <= -1, master::toString);
    }

    @Test
    void silenceIsLeftAloneAndNoted() {
        Source.StepResult mix = mixOf(bench.asset("silence.wav", "anullsrc=r=48000:d=2"));

        Master master = master(mix, target(-16, -1), options("aac", "128k"));

        assertEquals(1, master.attempts().size());
        assertEquals(-70, master.encoded().integrated());
        assertTrue(master.recipe().note(bench, master.encoded()).orElseThrow().contains("silent"));
    }

    @Test
    void aSingleClickIsNotCrushedAndTheShortfallIsNoted() {
        Source.StepResult mix = mixOf(
                bench.asset("click.wav", "aevalsrc=exprs='if(eq(n,48000),0.9,0)':s=48000:d=3", "-c:a", "pcm_f32le"));

        Master master = master(mix, target(-16, -1), options("pcm_s16le", "-"));

        assertTrue(master.encoded().peak() <= -1, master::toString);
        assertTrue(master.recipe().note(bench, master.encoded()).orElseThrow().contains("can't be had together"));
    }

    @Test
    void withoutATargetTheLevelStaysUnlessItWouldClip() {
        Source.StepResult quiet = mixOf(bench.asset("tone.wav", "sine=997:d=1:r=48000"));
        Source.StepResult loud = mixOf(bench.asset("hot.wav", SOUNDS.get("hot"), "-c:a", "pcm_f32le"));

        Master untouched = master(quiet, Optional.empty(), options("pcm_s16le", "-"));
        Master limited = master(loud, Optional.empty(), options("pcm_s16le", "-"));

        assertEquals(
                bench.measured(quiet).loudness().orElseThrow().integrated(),
                untouched.encoded().integrated(),
                0.1);
        assertTrue(bench.measured(loud).loudness().orElseThrow().peak() > 0);
        assertTrue(limited.encoded().peak() < 0, limited::toString);
    }

    @Test
    void aWideLoudnessRangeIsNarrowed() {
        Source.StepResult mix = mixOf(bench.asset(
                "wide.wav",
                "anoisesrc=d=40:c=pink:r=48000:a=0.5:seed=7,volume='if(lt(mod(t,10),5),0.05,0.6)':eval=frame",
                "-c:a",
                "pcm_f32le"));
        assertTrue(bench.measured(mix).loudness().orElseThrow().range() > 15);

        Master master = master(mix, Optional.of(new Loudness(-16, -1.5, Optional.of(8.0))), options("aac", "160k"));

        assertEquals(-16, master.encoded().integrated(), 0.5, master::toString);
        assertTrue(master.encoded().range() <= 9, master::toString);
    }

    /** By how many samples {@code after} is late, from the best correlation of one second's stretch. */
    private static int lag(float[] before, float[] after) {
        int best = 0;
        double most = 0;
        for (int lag = -1200; lag <= 1200; lag++) {
            double sum = 0;
            for (int i = 24_000; i < 72_000; i++) {
                sum += before[i] * after[i + lag];
            }
            if (sum > most) {
                most = sum;
                best = lag;
            }
        }
        return best;
    }
}
