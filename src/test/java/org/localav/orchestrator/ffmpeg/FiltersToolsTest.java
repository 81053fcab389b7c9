package org.localav.orchestrator.ffmpeg;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.localav.orchestrator.media.LocalTools;

/** Holds our reading and writing of filters and lists against what the installed ffmpeg makes of them. */
@Tag("tools")
class FiltersToolsTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @MethodSource("names")
    void runsEveryAllowedFilterAtItsExtremes(String name) {
        AllowedFilters allowed = AllowedFilters.find(name).orElseThrow();
        List<Filter> chain = new ArrayList<>();
        chain.add(UserFilters.parse(withNeeded(allowed, name, "", "")));
        for (String option : allowed.optionNames()) {
            for (String value : allowed.values(option).extremes()) {
                if (!name.equals("crop")) {
                    chain.add(UserFilters.parse(withNeeded(allowed, name, option, value)));
                }
            }
        }
        // a chain of dozens would take long on a large picture
        FilterGraph.Builder graph = new FilterGraph.Builder();
        graph.chain(List.of("0:v"), chain, "v");

        LocalTools.ffmpeg(List.of(
                "-f",
                "lavfi",
                "-i",
                "testsrc2=s=128x128:r=5:d=0.6",
                "-filter_complex",
                graph.build().toString(),
                "-map",
                "[v]",
                "-f",
                "null",
                "-"));
    }

    static List<String> names() {
        return AllowedFilters.names();
    }

    private static String withNeeded(AllowedFilters allowed, String name, String option, String value) {
        List<String> parts = new ArrayList<>();
        for (String needed : allowed.needed()) {
            if (!needed.equals(option)) {
                parts.add(needed + "=" + allowed.values(needed).extremes().get(0));
            }
        }
        if (!option.isEmpty()) {
            parts.add(option + "=" + value);
        }
        return parts.isEmpty() ? name : name + "=" + String.join(":", parts);
    }

    @Test
    void takesPositionalOptionsInFfmpegsOrder() {
        for (String name : AllowedFilters.names()) {
            AllowedFilters allowed = AllowedFilters.find(name).orElseThrow();
            List<String> values = allowed.positionalNames().stream()
                    .map(option -> allowed.values(option).extremes().get(0))
                    .toList();
            if (values.isEmpty() || !allowed.positionalNames().containsAll(allowed.needed())) {
                continue;
            }
            String positional = name + "=" + String.join(":", values);

            assertEquals(
                    picture(positional), picture(UserFilters.parse(positional).toString()), positional);
        }
    }

    private String picture(String filter) {
        try {
            Path file = folder.resolve("picture.rgb");
            LocalTools.ffmpeg(List.of(
                    "-f",
                    "lavfi",
                    "-i",
                    "testsrc2=s=128x128",
                    "-vf",
                    filter,
                    "-frames:v",
                    "1",
                    "-pix_fmt",
                    "rgb24",
                    "-f",
                    "rawvideo",
                    file.toString()));
            return java.util.Arrays.toString(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "plain",
                "it's; a, [test]: 50% = half",
                "back\\slash and \\' both",
                "''''",
                "\\\\\\",
                "a:b:c",
                "trailing\\",
                "Ünï 欢迎 🎬",
                "[in]movie=x[out];",
                "%{pts}"
            })
    void writesOptionValuesThatFfmpegReadsBackUnchanged(String value) throws IOException {
        Path file = folder.resolve("frames.txt");
        Filter filter = Filter.of("metadata", "mode", "add", "key", "note", "value", value);
        Filter print = new Filter("metadata", Map.of("mode", "print", "file", file.toString()));

        FilterGraph graph = new FilterGraph.Builder()
                .chain(List.of("0:v"), List.of(filter, print), "v")
                .build();
        LocalTools.ffmpeg(List.of(
                "-f",
                "lavfi",
                "-i",
                "color=s=16x16:d=0.04",
                "-filter_complex",
                graph.toString(),
                "-map",
                "[v]",
                "-f",
                "null",
                "-"));

        try (Stream<String> lines = Files.lines(file, StandardCharsets.UTF_8)) {
            assertEquals(
                    "note=" + value,
                    lines.filter(l -> l.startsWith("note=")).findFirst().orElse(""));
        }
    }

    @Test
    void joinsFilesWithOddNamesAndRefusesOnesThatAreLists() throws IOException {
        Path odd = Files.createDirectories(folder.resolve("it's a 'strange' #folder\\"));
        Path clip = LocalTools.make(odd.resolve("a'b c.mp4"), "-f lavfi -i color=s=16x16:d=0.2 -c:v libx264");
        Path disguised = folder.resolve("list.mp4");
        Files.writeString(
                disguised, "ffconcat version 1.0\nfile '" + clip.toString().replace("'", "'\\''") + "'\n");

        assertEquals("", joined(clip, clip));
        String refused = joined(clip, disguised);

        assertEquals(true, refused.contains("whitelist") || refused.contains("Invalid data"), refused);
    }

    /** What ffmpeg complained of when it joined two files by a playlist. */
    private String joined(Path first, Path second) throws IOException {
        Source one = new Source.StepResult("1");
        Source two = new Source.StepResult("2");
        Command command = new Command(
                List.of(),
                List.of(),
                List.of(new Playlist("parts.ffconcat", List.of(one, two))),
                java.util.Optional.empty(),
                List.of(new Command.Target(List.of("-map", "0:v", "-c", "copy"), "out.mp4")));
        java.util.function.Function<Source, Path> files = source -> source.equals(one) ? first : second;
        for (Map.Entry<String, String> file :
                command.files(files, Dialect.of("")).entrySet()) {
            Files.writeString(folder.resolve(file.getKey()), file.getValue());
        }
        try {
            List<String> arguments = command.arguments(files, folder, Dialect.of(""));
            return LocalTools.ffmpeg(arguments.subList(2, arguments.size()));
        } catch (AssertionError e) {
            return e.getMessage();
        }
    }
}
