package org.localav.orchestrator.ffmpeg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a spec's author may write as a filter, and what is refused with which sentence. */
class UserFiltersTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "eq=contrast=1.05 | eq=contrast=1.05",
                "eq=1.05:0.1 | eq=contrast=1.05:brightness=0.1",
                "eq=1.05:saturation=1.20 | eq=contrast=1.05:saturation=1.2",
                "hflip | hflip",
                "gblur=20 | gblur=sigma=20",
                "unsharp=la=1 | unsharp=luma_amount=1",
                "fade=in:d=1 | fade=type=in:duration=1",
                "fade=t=out:st=3.5:d=1:c=#ffffff | fade=type=out:start_time=3.5:duration=1:color=0xFFFFFF",
                "curves=vintage | curves=preset=vintage",
                "crop=320:180:0:10 | crop=w=320:h=180:x=0:y=10",
                "noise=alls=20:allf=t+u | noise=alls=20:allf=t+u",
                "hue=s=0 | hue=s=0"
            })
    void readsNamedAndPositionalOptionsAndWritesThemAnew(String text, String written) {
        assertEquals(written, UserFilters.parse(text).toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "eqq=contrast=1 | did you mean 'eq'?",
                "eq=contrst=1 | did you mean 'contrast'?",
                "eq=contrast=3 | '3' can't be eq's contrast; it is a number from -2 to 2",
                "eq=contrast= | it is a number from -2 to 2",
                "eq= | it is a number from -2 to 2",
                "gblur=steps=1.5 | it is a whole number from 1 to 6",
                "fade=in | lacks duration, a number from 0 to 3600",
                "fade=in:0:30 | name its options: type, start_time, duration, color",
                "noise=20 | name its options: alls, allf",
                "eq=contrast=1:contrast=1 | has contrast twice",
                "eq=1:contrast=1 | has contrast twice",
                "hflip=1 | takes no value '1'",
                "hflip,vflip | write each as an entry of its own",
                "drawbox=w=10:h=10:color=rebeccapurple | a colour as 0xRRGGBB or one of black"
            })
    void saysWhatWouldBeRight(String text, String sentence) {
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> UserFilters.parse(text));

        assertTrue(refused.getMessage().contains(sentence), refused.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "movie=/etc/passwd",
                "m'ov'ie=/etc/passwd",
                "mo\\vie=/etc/passwd",
                "movie@x=/etc/passwd",
                "eq@x=contrast=1",
                "subtitles=/etc/passwd",
                "ass=f.ass",
                "drawtext=textfile=/etc/passwd",
                "lut3d=file=x.cube",
                "metadata=print:file=/tmp/x",
                "sendcmd=f=x",
                "zmq",
                "ladspa=f=x",
                "frei0r=filter_name=x",
                "curves=psfile=/etc/passwd",
                "curves=plot=/tmp/x",
                "curves=preset=vintage:plot=/tmp/x",
                "curves=all=0/0 1/1",
                "eq=contrast=while(1,0)",
                "eq=contrast=random(0)",
                "eq=contrast=1e9",
                "eq=contrast=0x1",
                "eq=contrast=nan",
                "eq=contrast=+1",
                "eq=contrast=1:eval=frame",
                "eq=contrast=1:enable=1",
                "vignette=angle=PI/5",
                "crop=iw/2:ih/2",
                "crop=w=320",
                "eq=contrast='1'",
                "eq=contrast=1;movie=x",
                "[in]eq=contrast=1",
                "eq=contrast=1[out]",
                "eq=contrast=1\nmovie=x",
                "eq=contrast=1\u0000",
                "еq=contrast=1",
                "eq=contrast=１",
                "eq=contrast=1\u200b",
                "EQ=contrast=1",
                "scale=w=10:h=10",
                "fps=1",
                "setpts=N",
                "loop=-1",
                "boxblur=luma_radius=min(h,w)",
                "drawbox=w=10:h=10:t=fill",
                "drawbox=w=iw:h=10",
                "fade=in:d=1:alpha=1",
                "noise=alls=101",
                "gblur=sigma=1024"
            })
    void refusesWhateverIsNotOnTheList(String text) {
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> UserFilters.parse(text));

        assertTrue(refused.getMessage().length() < 500, refused.getMessage());
        assertTrue(refused.getMessage().chars().noneMatch(Character::isISOControl), refused.getMessage());
    }

    @Test
    void refusesHugeTextWithoutRepeatingIt() {
        String huge = "eq=contrast=" + "1".repeat(100_000);

        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> UserFilters.parse(huge));

        assertTrue(refused.getMessage().length() < 200, refused.getMessage());
    }
}
