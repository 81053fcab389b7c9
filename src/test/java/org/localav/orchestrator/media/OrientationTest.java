package org.localav.orchestrator.media;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OrientationTest {
    @TempDir
    Path folder;

    @Test
    void readsAPhonesUprightClip() {
        String matrix =
                "\n00000000:            0       65536           0\n00000001:       -65536           0           0\n"
                        + "00000002:     20971520           0  1073741824\n";

        assertEquals(new Orientation(90, false), Orientation.read(matrix).orElseThrow());
    }

    @Test
    void readsNothingFromAMatrixThatFlattensThePicture() {
        assertEquals(
                true, Orientation.read("00000000: 0 0 0\n00000001: 0 0 0\n").isEmpty());
    }

    /** What we read, done by filters of our own, gives the picture that ffmpeg makes when it turns it by itself. */
    @ParameterizedTest
    @Tag("tools")
    @CsvSource({
        "1, 0, false, null",
        "2, 0, true, hflip",
        "3, 180, false, 'hflip,vflip'",
        "4, 180, true, 'hflip,vflip,hflip'",
        "5, 90, true, 'transpose=clock,hflip'",
        "6, 90, false, transpose=clock",
        "7, 270, true, 'transpose=cclock,hflip'",
        "8, 270, false, transpose=cclock"
    })
    void turnsAsFfmpegDoes(int exif, int rotation, boolean mirrored, String filters)
            throws IOException, UnreadableMediaException {
        Path jpeg = photo(exif);

        MediaInfo info = new Prober(LocalTools.FFPROBE).probe(jpeg, "photo.jpg");

        assertEquals(rotation, info.video().orElseThrow().rotation());
        assertEquals(mirrored, info.video().orElseThrow().mirrored());
        String ours = "-noautorotate -f jpeg_pipe -i " + jpeg + " -vf " + filters + " -f framemd5";
        String ffmpegs = "-f jpeg_pipe -i " + jpeg + " -f framemd5";
        assertEquals(
                Files.readAllLines(LocalTools.make(folder.resolve("a"), ffmpegs)),
                Files.readAllLines(LocalTools.make(folder.resolve("b"), ours)));
    }

    private Path photo(int exif) throws IOException {
        Path plain = LocalTools.make(
                folder.resolve("plain.jpg"), "-f lavfi -i testsrc2=s=64x32:d=0.04 -frames:v 1 -pix_fmt yuvj444p");
        byte[] bytes = Files.readAllBytes(plain);
        byte[] segment = {
            (byte) 0xff,
            (byte) 0xe1,
            0,
            34,
            'E',
            'x',
            'i',
            'f',
            0,
            0,
            'M',
            'M',
            0,
            42,
            0,
            0,
            0,
            8,
            0,
            1,
            0x01,
            0x12,
            0,
            3,
            0,
            0,
            0,
            1,
            0,
            (byte) exif,
            0,
            0,
            0,
            0,
            0,
            0
        };
        ByteArrayOutputStream tagged = new ByteArrayOutputStream();
        for (byte[] part : List.of(Arrays.copyOf(bytes, 2), segment, Arrays.copyOfRange(bytes, 2, bytes.length))) {
            tagged.write(part);
        }
        return Files.write(folder.resolve("photo.jpg"), tagged.toByteArray());
    }
}
