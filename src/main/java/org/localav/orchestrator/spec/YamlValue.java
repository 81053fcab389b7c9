package org.localav.orchestrator.spec;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * One value of a YAML or JSON file with the place where it stands. Each {@code as...} method gives the value in the type
 * asked for, or notes a violation in its {@link YamlTree} and gives nothing; nothing is ever thrown. Text is the source's
 * own spelling ({@code no}, {@code 012}); numbers, booleans and durations refuse spellings that YAML readers understand
 * differently.
 *
 * <pre>
 * Optional&lt;YamlMap&gt; asMap(), asMap(example)                Optional&lt;List&lt;YamlValue&gt;&gt; asList()
 * Optional&lt;String&gt; asText(), asText(most), asName(), asOneOf(names)
 * Optional&lt;Boolean&gt; asFlag()                  Optional&lt;Integer&gt; asWhole(least, most)
 * Optional&lt;Double&gt; asNumber(least, most), asDecibels(least, most)
 * Optional&lt;Duration&gt; asDuration(least), asDuration(least, most)
 * Optional&lt;Size&gt; asSize()                     Optional&lt;Rational&gt; asRate()
 * Optional&lt;T&gt; asParsed(parser)                 void problem(sentence)
 * String path()                              Place place()
 * </pre>
 */
public final class YamlValue {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    private static final int LONGEST_TEXT = 4096;

    private final Problems problems;
    private final String path;
    private final Optional<Place> key;
    private final Place place;
    private final Content content;

    YamlValue(Problems problems, String path, Optional<Place> key, Place place, Content content) {
        this.problems = problems;
        this.path = path;
        this.key = key;
        this.place = place;
        this.content = content;
    }

    /** {@code audio.tracks.bed[0].asset}; empty for the whole file. */
    public String path() {
        return path;
    }

    /** Where the value begins (its key, when it is empty). */
    public Place place() {
        return place;
    }

    /** Where the key stands, or the value when it has none: the place for what is missing inside. */
    Place keyPlace() {
        return key.orElse(place);
    }

    Content content() {
        return content;
    }

    /** Notes that this value is wrong; {@code sentence} says what would be right. */
    public void problem(String sentence) {
        problems.add(place, path, sentence);
    }

    public boolean isMap() {
        return content instanceof Content.Fields;
    }

    public boolean isText() {
        return content instanceof Content.Scalar;
    }

    public Optional<YamlMap> asMap() {
        if (content instanceof Content.Fields fields) {
            return Optional.of(new YamlMap(this, problems, fields.values()));
        }
        return wrongKind("a mapping of keys to values");
    }

    /** Like {@link #asMap()}; {@code example} shows one, as {@code {asset: music}}. */
    public Optional<YamlMap> asMap(String example) {
        return isMap() ? asMap() : wrongKind("a mapping, as in " + example);
    }

    public Optional<List<YamlValue>> asList() {
        if (content instanceof Content.Items items) {
            return Optional.of(items.values());
        }
        boolean one = content instanceof Content.Scalar scalar && !scalar.isNull();
        return wrongKind(one ? "a list, as in [" + written() + "]" : "a list");
    }

    /** Any text of up to 4096 characters that isn't blank, as it is written in the file. */
    public Optional<String> asText() {
        return asText(LONGEST_TEXT);
    }

    /** A text of up to {@code most} characters that isn't blank, as it is written in the file. */
    public Optional<String> asText(int most) {
        return scalar("a text").map(Content.Scalar::text).filter(text -> {
            if (text.isBlank()) {
                problem("is empty; write something or remove it");
            } else if (text.codePointCount(0, text.length()) > most) {
                problem("has " + text.codePointCount(0, text.length()) + " characters; at most " + most
                        + " are allowed");
            } else if (text.codePoints().anyMatch(YamlValue::unprintable)) {
                problem(Suggestion.quote(text) + " has a character that can't be part of a text");
            } else {
                return true;
            }
            return false;
        });
    }

    /** A name of letters, digits, dots, dashes and underscores, 1 to 64 long. */
    public Optional<String> asName() {
        return scalar("a name").map(Content.Scalar::text).filter(this::checkName);
    }

    boolean checkName(String name) {
        if (NAME.matcher(name).matches()) {
            return true;
        }
        problem(Suggestion.quote(name) + nameAdvice());
        return false;
    }

    static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }

    static String nameAdvice() {
        return " is no name: use 1 to 64 of A-Z, a-z, 0-9, '.', '_' and '-', a letter or digit first";
    }

    public Optional<String> asOneOf(Collection<String> names) {
        return scalar("one of " + Suggestion.list(names))
                .map(Content.Scalar::text)
                .filter(text -> {
                    if (names.contains(text)) {
                        return true;
                    }
                    problem(Suggestion.quote(text) + " is none of the possible values" + Suggestion.of(text, names));
                    return false;
                });
    }

    public Optional<Boolean> asFlag() {
        return plain("true or false").flatMap(text -> {
            if (text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false")) {
                return Optional.of(text.equalsIgnoreCase("true"));
            }
            problem(Ambiguity.flagAdvice(text));
            return Optional.empty();
        });
    }

    public Optional<Integer> asWhole(int least, int most) {
        return decimal("a whole number", least, most).flatMap(value -> {
            if (value.scale() <= 0) {
                return Optional.of(value.intValueExact());
            }
            problem("'" + value + "' must be a whole number from " + least + " to " + most);
            return Optional.empty();
        });
    }

    public Optional<Double> asNumber(double least, double most) {
        return decimal("a number", least, most).map(BigDecimal::doubleValue);
    }

    /** A gain in dB. */
    public Optional<Double> asDecibels(double least, double most) {
        return asParsed("a gain, as in -12dB", Quantity::decibels)
                .filter(gain -> within(BigDecimal.valueOf(gain), least, most, "dB", "a gain"));
    }

    /** A duration from {@code least} to 24 h. */
    public Optional<Duration> asDuration(Duration least) {
        return asDuration(least, Quantity.LONGEST);
    }

    public Optional<Duration> asDuration(Duration least, Duration most) {
        return asParsed("a duration, as in 1.5s", Quantity::duration).filter(duration -> {
            if (duration.compareTo(least) >= 0 && duration.compareTo(most) <= 0) {
                return true;
            }
            problem("'" + written() + "' must be " + Quantity.show(least) + " to " + Quantity.show(most));
            return false;
        });
    }

    public Optional<Size> asSize() {
        return asParsed("a size, as in 1280x720", Quantity::size);
    }

    /** A frame rate of 1 to 240 frames a second. */
    public Optional<Rational> asRate() {
        return asParsed("a frame rate, as in 30", Quantity::frameRate);
    }

    /** What {@code parser} makes of the text; the message of its IllegalArgumentException becomes the violation. */
    public <T> Optional<T> asParsed(Function<String, T> parser) {
        return asParsed("a text", parser);
    }

    /** Like {@link #asParsed(Function)}; {@code what} names the kind of value, as "a size". */
    public <T> Optional<T> asParsed(String what, Function<String, T> parser) {
        return scalar(what).flatMap(scalar -> {
            try {
                return Optional.of(parser.apply(scalar.text()));
            } catch (IllegalArgumentException e) {
                problem(e.getMessage());
                return Optional.empty();
            }
        });
    }

    private String written() {
        return content instanceof Content.Scalar scalar ? Suggestion.shorten(scalar.text()) : "";
    }

    private Optional<BigDecimal> decimal(String what, double least, double most) {
        String range =
                least == most ? "the number " + show(least) : what + " from " + show(least) + " to " + show(most);
        return plain(range).flatMap(text -> {
            if (!Ambiguity.PLAIN_NUMBER.matcher(text).matches()) {
                problem(Ambiguity.numberAdvice(text, range));
                return Optional.empty();
            }
            return Optional.of(new BigDecimal(text)).filter(value -> within(value, least, most, "", what));
        });
    }

    private boolean within(BigDecimal value, double least, double most, String unit, String what) {
        if (value.compareTo(BigDecimal.valueOf(least)) >= 0 && value.compareTo(BigDecimal.valueOf(most)) <= 0) {
            return true;
        }
        problem("'" + written() + "' must be " + what + " from " + show(least) + unit + " to " + show(most) + unit);
        return false;
    }

    private static String show(double value) {
        return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
    }

    private Optional<String> plain(String what) {
        return scalar(what).flatMap(scalar -> {
            if (scalar.plain()) {
                return Optional.of(scalar.text());
            }
            problem(Suggestion.quote(scalar.text()) + " is quoted; write " + what + ", without quotes");
            return Optional.empty();
        });
    }

    private Optional<Content.Scalar> scalar(String what) {
        if (content instanceof Content.Scalar scalar) {
            if (!scalar.isNull()) {
                return Optional.of(scalar);
            }
            problem(
                    scalar.text().isEmpty()
                            ? "has no value; write " + what + " or remove it"
                            : "'" + scalar.text() + "' means no value; put it in quotes or remove it");
            return Optional.empty();
        }
        return wrongKind(what);
    }

    private <T> Optional<T> wrongKind(String wanted) {
        String found = "";
        if (content instanceof Content.Fields) {
            found = "a mapping";
        } else if (content instanceof Content.Items) {
            found = "a list";
        } else if (content instanceof Content.Scalar scalar) {
            found = scalar.isNull() ? "empty" : Suggestion.quote(scalar.text());
        }
        if (!found.isEmpty()) {
            problem("must be " + wanted + ", not " + found);
        }
        return Optional.empty();
    }

    private static boolean unprintable(int c) {
        return Character.isISOControl(c) && c != '\n' && c != '\t' || Character.getType(c) == Character.SURROGATE;
    }
}
