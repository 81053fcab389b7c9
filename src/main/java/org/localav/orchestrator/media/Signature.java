package org.localav.orchestrator.media;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which demuxer a file's first bytes, or else its name, stand for. It is named to ffmpeg rather than guessed by it:
 * ffmpeg's guess takes a damaged MP3 for AMR and opens the files that a playlist named {@code .mp4} lists.
 *
 * @param demuxer ffmpeg's name, empty when neither bytes nor name tell
 * @param fromBytes whether the bytes said so
 */
record Signature(Optional<String> demuxer, boolean fromBytes) {
    /** How many bytes of a file {@link #of} wants to see. */
    static final int WANTED = 4096;

    private static final Set<String> STILL_DEMUXERS =
            Set.of("png_pipe", "jpeg_pipe", "webp_pipe", "bmp_pipe", "tiff_pipe");
    private static final Set<String> MOV_BOXES = Set.of("ftyp", "moov", "mdat", "free", "skip", "wide", "pnot", "styp");
    private static final Map<String, String> BY_EXTENSION = byExtension();

    private static Map<String, String> byExtension() {
        Map<String, String> map = new HashMap<>();
        String[] rows = {
            "mov mp4 m4a m4v mov qt 3gp 3g2 mj2 m4b f4v",
            "matroska mkv webm mka mk3d",
            "wav wav",
            "w64 w64",
            "mp3 mp3 mp2 mpga",
            "flac flac",
            "ogg ogg oga ogv opus spx",
            "aac aac",
            "aiff aif aiff aifc",
            "caf caf",
            "avi avi",
            "mpegts ts m2ts mts",
            "mpeg mpg mpeg vob",
            "dv dv",
            "gif gif",
            "flv flv",
            "asf wmv wma asf",
            "mxf mxf",
            "h264 h264 264",
            "hevc hevc h265 265",
            "ivf ivf",
            "amr amr",
            "png_pipe png",
            "jpeg_pipe jpg jpeg jpe jfif",
            "webp_pipe webp",
            "bmp_pipe bmp",
            "tiff_pipe tif tiff",
        };
        for (String row : rows) {
            String[] words = row.split(" ");
            for (int i = 1; i < words.length; i++) {
                map.put(words[i], words[0]);
            }
        }
        return Map.copyOf(map);
    }

    /**
     * @param head the file's first bytes, at most {@link #WANTED} are looked at
     * @param fileName only its ending counts
     * @param name what the user calls the file, for the sentence
     * @throws UnreadableMediaException for what is no media file of its own, or one that ffmpeg can't read whole
     */
    static Signature of(byte[] head, String fileName, String name) throws UnreadableMediaException {
        Bytes bytes = new Bytes(head);
        refuse(bytes, name);
        Optional<String> named = Optional.ofNullable(BY_EXTENSION.get(extension(fileName)));
        Optional<String> seen = container(bytes).or(() -> elementary(bytes, named));
        if (seen.isEmpty() && bytes.isText()) {
            throw new UnreadableMediaException(name + " is a text file, not media");
        }
        return new Signature(seen.or(() -> named), seen.isPresent());
    }

    /** Whether the demuxer is for single pictures. */
    boolean still() {
        return demuxer.filter(STILL_DEMUXERS::contains).isPresent();
    }

    /** The demuxer that a file of this name usually has. */
    static Optional<String> usual(String fileName) {
        return Optional.ofNullable(BY_EXTENSION.get(extension(fileName)));
    }

    private static String extension(String fileName) {
        return fileName.substring(fileName.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    }

    private static void refuse(Bytes b, String name) throws UnreadableMediaException {
        if (b.at(0, "#EXTM3U") || b.at(0, "ffconcat") || b.at(0, "<?xml") || b.at(0, "<MPD") || b.at(0, "<SMIL")) {
            throw new UnreadableMediaException(
                    name + " is a playlist or other text that names further files, not media; give the media files");
        }
        if (b.at(0, "\u0089PNG") && b.contains("acTL")) {
            throw new UnreadableMediaException(
                    name + " is an animated PNG, of which only the first picture could be read; convert it to a video");
        }
        if (b.at(8, "WEBPVP8X") && (b.get(20) & 2) != 0) {
            throw new UnreadableMediaException(
                    name + " is an animated WebP, which ffmpeg can't read; convert it to a video");
        }
        if (b.at(4, "ftyp")) {
            String brand = b.text(8, 4);
            if (Set.of("heic", "heix", "heim", "hevc", "mif1", "msf1", "avif", "avis")
                    .contains(brand)) {
                throw new UnreadableMediaException(name + " is a HEIF or AVIF picture (" + brand
                        + "), which ffmpeg can't read; convert it to JPEG or PNG");
            }
        }
    }

    private static Optional<String> container(Bytes b) {
        String found = null;
        if (b.at(0, "\u00ff\u00d8\u00ff")) {
            found = "jpeg_pipe";
        } else if (b.at(0, "\u0089PNG")) {
            found = "png_pipe";
        } else if (b.at(8, "WEBP")) {
            found = "webp_pipe";
        } else if (b.at(0, "II*\0") || b.at(0, "MM\0*")) {
            found = "tiff_pipe";
        } else if (b.at(0, "GIF8")) {
            found = "gif";
        } else if ((b.at(0, "RIFF") || b.at(0, "RF64")) && b.at(8, "WAVE")) {
            found = "wav";
        } else if (b.at(0, "riff\u002e\u0091\u00cf\u0011")) {
            found = "w64";
        } else if (b.at(0, "RIFF") && (b.at(8, "AVI ") || b.at(8, "AVIX"))) {
            found = "avi";
        } else if (b.at(0, "fLaC")) {
            found = "flac";
        } else if (b.at(0, "OggS")) {
            found = "ogg";
        } else if (b.at(0, "\u001aE\u00df\u00a3")) {
            found = "matroska";
        } else if (MOV_BOXES.contains(b.text(4, 4))) {
            found = "mov";
        }
        return Optional.ofNullable(found).or(() -> rarer(b));
    }

    private static Optional<String> rarer(Bytes b) {
        String found = null;
        if (b.at(0, "FORM") && (b.at(8, "AIFF") || b.at(8, "AIFC"))) {
            found = "aiff";
        } else if (b.at(0, "caff")) {
            found = "caf";
        } else if (b.at(0, "FLV\1")) {
            found = "flv";
        } else if (b.at(0, "\u0030\u0026\u00b2\u0075\u008e\u0066\u00cf\u0011")) {
            found = "asf";
        } else if (b.at(0, "\u0006\u000e\u002b\u0034\u0002\u0005\u0001\u0001")) {
            found = "mxf";
        } else if (b.at(0, "DKIF")) {
            found = "ivf";
        } else if (b.at(0, "#!AMR")) {
            found = "amr";
        } else if (b.at(0, "\0\0\u0001\u00ba")) {
            found = "mpeg";
        } else if (b.get(0) == 0x47 && b.get(188) == 0x47 && b.get(376) == 0x47
                || b.get(4) == 0x47 && b.get(196) == 0x47 && b.get(388) == 0x47) {
            found = "mpegts";
        }
        return Optional.ofNullable(found);
    }

    /** Streams without a container have short marks: the file's name decides where two could be meant. */
    private static Optional<String> elementary(Bytes b, Optional<String> named) {
        Optional<String> sound = named.filter(n -> n.equals("mp3") || n.equals("aac") || n.equals("flac"));
        if (b.at(0, "ID3")) {
            return sound.or(() -> Optional.of("mp3"));
        }
        if (b.get(0) == 0xff && (b.get(1) & 0xf6) == 0xf0) {
            return Optional.of("aac");
        }
        if (b.get(0) == 0xff && (b.get(1) & 0xe0) == 0xe0 && (b.get(1) & 0x06) != 0) {
            return Optional.of("mp3");
        }
        if (b.at(0, "BM")) {
            return Optional.of("bmp_pipe");
        }
        return Optional.empty();
    }

    /** Looks at bytes as unsigned numbers or Latin-1 text, beyond the end as zeros. */
    private record Bytes(byte[] head) {
        int get(int index) {
            return index < head.length ? head[index] & 0xff : 0;
        }

        boolean at(int offset, String mark) {
            return text(offset, mark.length()).equals(mark);
        }

        String text(int offset, int length) {
            int from = Math.min(offset, head.length);
            int to = Math.min(offset + length, head.length);
            return new String(head, from, to - from, StandardCharsets.ISO_8859_1);
        }

        boolean contains(String mark) {
            return text(0, head.length).contains(mark);
        }

        boolean isText() {
            for (byte b : head) {
                if (b >= 0 && b < 0x20 && b != '\n' && b != '\r' && b != '\t' || b == 0x7f) {
                    return false;
                }
            }
            return new String(head, StandardCharsets.UTF_8).indexOf('\ufffd') < 0;
        }
    }
}
