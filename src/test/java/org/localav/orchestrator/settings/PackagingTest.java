package org.localav.orchestrator.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The Debian package, the unit, the container image and the bootstrap say the same of what the program needs. */
class PackagingTest {
    private static final Path PACKAGING = Path.of("packaging");

    @Test
    void thePackageDependsOnWhatTheBootstrapInstalls() throws IOException {
        // Given what is needed to run; Maven and the JDK only build, and the servers and Chromium only test
        Set<String> wanted = new TreeSet<>(found("\\bwant ([a-z0-9-]+) \"", Path.of("script/bootstrap")));
        wanted.removeAll(Set.of("maven", "jdk", "chromium", "postgresql", "redis-server"));

        // When
        Set<String> named = new TreeSet<>(packages("Depends"));
        named.addAll(packages("Recommends"));

        // Then
        assertTrue(named.containsAll(wanted), () -> "control names " + named + " of " + wanted);
        assertTrue(
                found("^Depends: (.*)", control()).get(0).contains("openjdk-17-jre-headless | "),
                "control names a Java runtime, and others where 17 is not to be had");
    }

    @Test
    void theImageInstallsThePackageAndWhatItRecommends() throws IOException {
        String install = String.join(" ", found("apt-get install ([^\\\\&]*)", dockerfile()));

        assertTrue(install.contains("/avo_*_all.deb"), install);
        packages("Recommends").forEach(name -> assertTrue(install.contains(" " + name), install));
    }

    @Test
    void theImagesUserHasOneNumberForEverSinceVolumesDo() throws IOException {
        assertEquals(List.of("10001"), found("groupadd .*--gid (\\d+) avo", dockerfile()));
        assertEquals(List.of("10001"), found("useradd .*--uid (\\d+) --gid avo", dockerfile()));
    }

    @Test
    void theImageSetsWhatAreSettings() throws IOException {
        Map<String, String> variables = Pattern.compile("(AVO_[A-Z_]+)=(\\S+)")
                .matcher(Files.readString(dockerfile()))
                .results()
                .collect(Collectors.toMap(match -> match.group(1), match -> match.group(2)));

        Settings settings = Settings.read(variables, Map.of());

        assertEquals("0.0.0.0", settings.text("http.host"));
        assertTrue(settings.duration("shutdown.grace").compareTo(Duration.ofSeconds(8)) < 0, "Docker waits for 10 s");
        assertEquals(List.of(settings.text("http.port")), found("EXPOSE (\\d+)", dockerfile()));
    }

    @Test
    void theUnitWaitsLongerThanTheServiceTakesToEnd() throws IOException {
        String seconds = found("TimeoutStopSec=(\\d+)s", PACKAGING.resolve("avo.service"))
                .get(0);

        Duration grace = Settings.read(Map.of(), Map.of()).duration("shutdown.grace");

        assertTrue(Duration.ofSeconds(Long.parseLong(seconds)).compareTo(grace.plusSeconds(15)) >= 0);
    }

    @Test
    void theInstalledSettingsExist() throws IOException {
        // Given those in use and those that stand there as examples
        Map<String, String> installed = Pattern.compile("^#?([a-z_.]+)=(\\S+)$", Pattern.MULTILINE)
                .matcher(Files.readString(PACKAGING.resolve("avo.properties")))
                .results()
                .collect(Collectors.toMap(match -> match.group(1), match -> match.group(2)));

        Settings settings = Settings.read(Map.of(), installed);

        assertEquals("/var/lib/avo", settings.text("state.folder"));
    }

    @Test
    void theChangelogNamesTheVersionThatIsBuilt() throws IOException {
        String built = found("<version>(.*?)</version>", Path.of("pom.xml")).get(0);

        assertEquals(
                built,
                found("^avo \\((.*?)\\)", PACKAGING.resolve("deb/changelog")).get(0));
    }

    @Test
    void theCopyrightSaysTheLicenceOfEachLibrary() throws IOException {
        List<PathMatcher> said = found("usr/share/avo/lib/(\\S+)", PACKAGING.resolve("deb/copyright")).stream()
                .map(pattern -> FileSystems.getDefault().getPathMatcher("glob:" + pattern))
                .toList();

        try (Stream<Path> libraries = Files.list(Path.of("target/lib"))) {
            List<Path> unsaid = libraries
                    .map(Path::getFileName)
                    .filter(library -> said.stream().noneMatch(pattern -> pattern.matches(library)))
                    .toList();

            assertEquals(List.of(), unsaid, "the package can't be built");
        }
    }

    @Test
    void thePackageHasWhatTheLauncherReads() throws IOException {
        String stage = Files.readString(PACKAGING.resolve("deb/stage"));

        for (String name : found("BASH_SOURCE\\[0]%/\\*}/([a-z.-]+)", Path.of("script/launch"))) {
            assertTrue(Files.exists(Path.of("script", name)), name);
            assertTrue(stage.contains("script/" + name + " "), name);
        }
    }

    private static Path control() {
        return PACKAGING.resolve("deb/control/control");
    }

    private static Path dockerfile() {
        return PACKAGING.resolve("Dockerfile");
    }

    /** Names without versions; of alternatives the first. */
    private static List<String> packages(String field) throws IOException {
        return Pattern.compile(", *")
                .splitAsStream(found("^" + field + ": (.*)", control()).get(0))
                .map(entry -> entry.replaceAll(" .*", ""))
                .toList();
    }

    private static List<String> found(String pattern, Path file) throws IOException {
        return Pattern.compile(pattern, Pattern.MULTILINE)
                .matcher(Files.readString(file))
                .results()
                .map((MatchResult match) -> match.group(1))
                .toList();
    }
}
