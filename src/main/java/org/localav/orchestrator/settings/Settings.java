package org.localav.orchestrator.settings;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The operator's settings, each with a default, a line saying what it is for, and where its value came from. Read from
 * the jar, then {@code /etc/avo/avo.properties}, {@code ./avo.properties}, {@code AVO_*} variables and {@code --set}.
 */
public final class Settings {
    /** Variables that begin with AVO_ and are no settings: the launcher's, the tests' and a client's. */
    private static final List<String> NOT_SETTINGS = List.of("AVO_JAVA_OPTS", "AVO_MEDIA", "AVO_SERVER", "AVO_TOKEN");

    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h)");
    private static final Pattern SIZE = Pattern.compile("(\\d{1,18})(B|KB|MB|GB|TB)?");

    private final Map<String, Value> values;

    /** A setting's value now; {@code origin} is a file, a variable, {@code --set} or {@code default}. */
    public record Value(String key, String value, String origin, String description) {}

    private Settings(Map<String, Value> values) {
        this.values = values;
    }

    /**
     * Reads all places.
     *
     * @param overrides what {@code --set} and the command's own flags say
     * @throws InvalidSettingException when a place can't be read, names an unknown setting or a value of the wrong kind
     */
    public static Settings read(Map<String, String> environment, Map<String, String> overrides) {
        Map<String, Value> values = defaults();
        for (Path file : List.of(Path.of("/etc/avo/avo.properties"), Path.of("avo.properties"))) {
            if (Files.isRegularFile(file)) {
                load(file).forEach((key, value) -> put(values, key, value, file.toString()));
            }
        }
        Map<String, String> byVariable = new TreeMap<>();
        values.keySet().forEach(key -> byVariable.put(variable(key), key));
        environment.forEach((name, value) -> {
            if (name.startsWith("AVO_") && !NOT_SETTINGS.contains(name)) {
                put(values, byVariable.getOrDefault(name, name), value, "variable " + name);
            }
        });
        overrides.forEach((key, value) -> put(values, key, value, "--set"));
        // A variable that holds a secret may begin with AVO_, too.
        List.copyOf(values.values()).stream()
                .filter(value -> value.key().endsWith("_env") && value.value().startsWith("AVO_"))
                .forEach(value -> values.remove(value.value()));
        Settings settings = new Settings(values);
        settings.check();
        return settings;
    }

    private static String variable(String key) {
        return "AVO_" + key.toUpperCase(Locale.ROOT).replace('.', '_');
    }

    private static void put(Map<String, Value> values, String key, String value, String origin) {
        Value before = values.get(key);
        values.put(key, new Value(key, value.strip(), origin, before == null ? "" : before.description()));
    }

    private static Map<String, Value> defaults() {
        Map<String, Value> values = new LinkedHashMap<>();
        StringBuilder comment = new StringBuilder();
        for (String line : defaultsText().lines().toList()) {
            if (line.startsWith("#")) {
                comment.append(comment.isEmpty() ? "" : " ")
                        .append(line.substring(1).strip());
            } else if (line.isBlank()) {
                comment.setLength(0);
            } else {
                int equals = line.indexOf('=');
                String key = line.substring(0, equals).strip();
                values.put(key, new Value(key, line.substring(equals + 1).strip(), "default", comment.toString()));
                comment.setLength(0);
            }
        }
        return values;
    }

    private static String defaultsText() {
        try (InputStream in = Settings.class.getResourceAsStream("/application.properties")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("the program's own application.properties can't be read", e);
        }
    }

    private static Map<String, String> load(Path file) {
        Properties properties = new Properties();
        try (Reader reader = new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8)) {
            properties.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            throw new InvalidSettingException(file + ": can't be read: " + e.getMessage());
        }
        Map<String, String> values = new TreeMap<>();
        properties.stringPropertyNames().forEach(name -> values.put(name, properties.getProperty(name)));
        return values;
    }

    /** Reads each typed one once, so that a wrong one is said at the start and not in the middle of a job. */
    private void check() {
        for (Value value : values.values()) {
            if (value.description().isEmpty()
                    && !value.key().startsWith("tts.")
                    && !value.key().startsWith("my.")) {
                throw new InvalidSettingException(
                        value.origin() + ": there is no setting '" + value.key() + "'; 'avo doctor' lists them all");
            }
        }
        List.of(
                        "steps.limit",
                        "ffmpeg.memory",
                        "remote.limit",
                        "tts.limit",
                        "disk.reserve",
                        "archive.speech",
                        "audit.file")
                .forEach(this::bytes);
        values.keySet().stream().filter(key -> key.startsWith("tts.price.")).forEach(this::amount);
        List.of("limits.speech_characters", "limits.cost").forEach(this::amount);
        List.of(
                        "ffmpeg.timeout",
                        "ffprobe.timeout",
                        "job.timeout",
                        "remote.timeout",
                        "tts.timeout",
                        "routes.watch",
                        "inbox.quiet",
                        "lease",
                        "audit.keep")
                .forEach(this::duration);
        List.of("output.overwrite", "read_only").forEach(this::flag);
        oneOf("report.pictures", "demand or end", "demand", "end");
        oneOf("output.verify", "samples or full", "samples", "full");
        oneOf("log.format", "auto, json or text", "auto", "json", "text");
        oneOf("log.level", "error, warn, info, debug or trace", "", "error", "warn", "info", "debug", "trace");
        List.of(
                        "encoders",
                        "archive.runs",
                        "speech.port",
                        "tts.parallel.local",
                        "http.port",
                        "http.connections",
                        "queue.limit")
                .forEach(this::integer);
    }

    private void oneOf(String key, String words, String... allowed) {
        if (!List.of(allowed).contains(text(key))) {
            throw wrong(key, words);
        }
    }

    /** All settings in the order of the defaults; those of the user's own providers last. */
    public List<Value> all() {
        return List.copyOf(values.values());
    }

    /** Key to value. */
    public Map<String, String> values() {
        Map<String, String> all = new TreeMap<>();
        values.values().forEach(value -> all.put(value.key(), value.value()));
        return all;
    }

    public String text(String key) {
        Value value = values.get(key);
        if (value == null) {
            throw new IllegalArgumentException("there is no setting '" + key + "'");
        }
        return value.value();
    }

    /**
     * A secret that is found in the environment by the name that a setting gives; empty when it gives none.
     *
     * @throws InvalidSettingException when there is no such variable
     */
    public String secret(String key, Map<String, String> environment) {
        String name = text(key);
        if (name.isEmpty()) {
            return "";
        }
        String secret = environment.getOrDefault(name, "");
        if (secret.isEmpty()) {
            throw new InvalidSettingException(values.get(key).origin() + ": " + key + " names the variable " + name
                    + ", which is not set or empty; set it where the service is started");
        }
        return secret;
    }

    public boolean flag(String key) {
        return switch (text(key)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw wrong(key, "true or false");
        };
    }

    public int integer(String key) {
        try {
            return Integer.parseInt(text(key));
        } catch (NumberFormatException e) {
            throw wrong(key, "a whole number");
        }
    }

    /** A number that is not negative; empty where none is set. */
    public Optional<BigDecimal> amount(String key) {
        String text = values.containsKey(key) ? text(key) : "";
        if (text.isEmpty()) {
            return Optional.empty();
        }
        if (!text.matches("\\d{1,12}(\\.\\d{1,6})?")) {
            throw wrong(key, "an amount such as 5000 or 1.50");
        }
        return Optional.of(new BigDecimal(text));
    }

    public Duration duration(String key) {
        return asDuration(text(key)).orElseThrow(() -> wrong(key, "a duration such as 500ms, 30s, 5m or 2h"));
    }

    /** Empty when it is none. */
    public static Optional<Duration> asDuration(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        long amount = Long.parseLong(matcher.group(1));
        return Optional.of(
                switch (matcher.group(2)) {
                    case "ms" -> Duration.ofMillis(amount);
                    case "s" -> Duration.ofSeconds(amount);
                    case "m" -> Duration.ofMinutes(amount);
                    default -> Duration.ofHours(amount);
                });
    }

    /** A size in bytes; 1 KB is 1024 B. */
    public long bytes(String key) {
        return asBytes(text(key)).orElseThrow(() -> wrong(key, "a size such as 512MB or 20GB"));
    }

    /** Empty when it is no size. */
    public static Optional<Long> asBytes(String text) {
        Matcher matcher = SIZE.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String unit = matcher.group(2) == null ? "B" : matcher.group(2);
        int power = List.of("B", "KB", "MB", "GB", "TB").indexOf(unit);
        long amount = Long.parseLong(matcher.group(1));
        return amount > Long.MAX_VALUE >> (10 * power) ? Optional.empty() : Optional.of(amount << (10 * power));
    }

    /** Folders, made absolute. */
    public List<Path> folders(String key) {
        return Arrays.stream(text(key).split(":"))
                .filter(text -> !text.isBlank())
                .map(text -> Path.of(text.strip()).toAbsolutePath().normalize())
                .toList();
    }

    public List<String> words(String key) {
        return Arrays.stream(text(key).split(","))
                .map(String::strip)
                .filter(text -> !text.isEmpty())
                .toList();
    }

    private InvalidSettingException wrong(String key, String right) {
        Value value = values.get(key);
        return new InvalidSettingException(value.origin() + ": " + key + ": '" + value.value() + "' is not " + right);
    }
}
