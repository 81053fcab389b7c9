package org.localav.orchestrator.spec;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the values that carry a unit. Each method throws IllegalArgumentException with a sentence for the writer. */
public final class Quantity {
    /** The longest duration anything may have, and the longest piece. */
    public static final Duration LONGEST = Duration.ofHours(24);

    private static final Pattern WITH_UNIT = Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,9})?)(ms|s|m|h)");
    private static final Pattern CLOCK = Pattern.compile("([0-9]{1,2}):([0-5][0-9]):([0-5][0-9](?:\\.[0-9]{1,9})?)");
    private static final Pattern DECIBELS = Pattern.compile("([+-]?[0-9]{1,3}(?:\\.[0-9]{1,3})?) ?dB");
    private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9]+(\\.[0-9]+)?");
    private static final Map<String, Long> NANOS =
            Map.of("ms", 1_000_000L, "s", 1_000_000_000L, "m", 60_000_000_000L, "h", 3_600_000_000_000L);

    private Quantity() {}

    /** {@code 500ms}, {@code 1.5s}, {@code 2m}, {@code 1h} or {@code 00:01:02.5}; at most 24 h, exact to the nanosecond. */
    public static Duration duration(String text) {
        Matcher unit = WITH_UNIT.matcher(text);
        Matcher clock = CLOCK.matcher(text);
        BigDecimal nanos;
        if (unit.matches()) {
            nanos = new BigDecimal(unit.group(1)).multiply(BigDecimal.valueOf(NANOS.get(unit.group(2))));
        } else if (clock.matches()) {
            long minutes = Long.parseLong(clock.group(1)) * 60 + Long.parseLong(clock.group(2));
            nanos = new BigDecimal(clock.group(3))
                    .add(BigDecimal.valueOf(minutes * 60))
                    .movePointRight(9);
        } else {
            throw new IllegalArgumentException(durationAdvice(text));
        }
        if (nanos.compareTo(BigDecimal.valueOf(LONGEST.toNanos())) > 0) {
            throw new IllegalArgumentException(Suggestion.quote(text) + " is longer than 24 h, the most there is");
        }
        return Duration.ofNanos(nanos.longValue());
    }

    private static String durationAdvice(String text) {
        String quoted = Suggestion.quote(text);
        if (NUMBER.matcher(text).matches()) {
            return text.startsWith("-")
                    ? quoted + " is no duration: it can't be negative and needs a unit, as in 5s"
                    : quoted + " has no unit; write " + text.replace("+", "") + "s for seconds";
        }
        if (text.matches("[0-9]{1,3}:[0-9]{2}")) {
            return quoted + " may be minutes or hours; write 00:" + text + " or " + text + ":00";
        }
        if (text.startsWith("-")) {
            return quoted + " is no duration: it can't be negative";
        }
        return quoted + " is no duration; write 500ms, 1.5s, 2m, 1h or 00:01:02.5";
    }

    /** {@code -12dB}, {@code +3dB} or {@code 0.5 dB}, in dB. */
    public static double decibels(String text) {
        Matcher matcher = DECIBELS.matcher(text);
        if (matcher.matches()) {
            return Double.parseDouble(matcher.group(1));
        }
        if (NUMBER.matcher(text).matches()) {
            throw new IllegalArgumentException(Suggestion.quote(text) + " has no unit; write " + text + "dB");
        }
        throw new IllegalArgumentException(Suggestion.quote(text) + " is no gain; write it in dB, as in -12dB or +3dB");
    }

    /** {@code 30}, {@code 29.97} or {@code 30000/1001}: 1 to 240 frames a second. */
    public static Rational frameRate(String text) {
        if (!text.matches("[0-9]{1,3}(\\.[0-9]{1,3})?|[0-9]{1,6}/[0-9]{1,5}")) {
            throw new IllegalArgumentException(
                    Suggestion.quote(text) + " is no frame rate; write 30, 29.97 or 30000/1001");
        }
        Rational rate = Rational.parse(text.endsWith("/0") ? "0" : text);
        if (rate.toDouble() < 1 || rate.toDouble() > 240) {
            throw new IllegalArgumentException(Suggestion.quote(text) + " is no frame rate from 1 to 240");
        }
        return rate;
    }

    /** {@code 1280x720}, in px. */
    public static Size size(String text) {
        if (!text.matches("[0-9]{1,5}x[0-9]{1,5}")) {
            throw new IllegalArgumentException(
                    Suggestion.quote(text) + " is no size; write WIDTHxHEIGHT in px, as in 1280x720");
        }
        return Size.parse(text);
    }

    /** {@code 24h}, {@code 1.5s} or {@code 400ms}, as a message shows a duration. */
    public static String show(Duration duration) {
        if (duration.compareTo(Duration.ofHours(1)) >= 0 && duration.equals(Duration.ofHours(duration.toHours()))) {
            return duration.toHours() + "h";
        }
        if (duration.toSeconds() == 0
                && !duration.isZero()
                && duration.equals(Duration.ofMillis(duration.toMillis()))) {
            return duration.toMillis() + "ms";
        }
        BigDecimal seconds = BigDecimal.valueOf(duration.toNanos(), 9).stripTrailingZeros();
        return seconds.toPlainString() + "s";
    }
}
