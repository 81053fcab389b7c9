package org.localav.orchestrator.ffmpeg;

import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The values one option of an allowed filter may take: a form and a range, never an expression. */
sealed interface Values {
    /** The value as ffmpeg shall read it, or empty when it isn't one of these. */
    Optional<String> normal(String value);

    /** What would be right, as part of a sentence: {@code a number from 0 to 1}. */
    String wanted();

    /** Values that are worth trying: both ends of a range, every word. */
    List<String> extremes();

    /** Reads the notation of {@link AllowedFilters}. */
    static Values read(String text) {
        int dots = text.indexOf("..");
        if (dots > 0) {
            boolean whole = !text.replace("..", "").contains(".");
            return new Numbers(
                    new BigDecimal(text.substring(0, dots)), new BigDecimal(text.substring(dots + 2)), whole);
        }
        return text.equals("colour") ? new Colour() : new Words(List.of(text.split("\\|")));
    }

    /** Numbers without exponent, both ends included. */
    record Numbers(BigDecimal least, BigDecimal most, boolean whole) implements Values {
        private static final Pattern DECIMAL = Pattern.compile("-?[0-9]{1,6}(\\.[0-9]{1,6})?");
        private static final Pattern WHOLE = Pattern.compile("-?[0-9]{1,6}");

        @Override
        public Optional<String> normal(String value) {
            if (!(whole ? WHOLE : DECIMAL).matcher(value).matches()) {
                return Optional.empty();
            }
            BigDecimal number = new BigDecimal(value);
            return number.compareTo(least) < 0 || number.compareTo(most) > 0
                    ? Optional.empty()
                    : Optional.of(plain(number));
        }

        @Override
        public String wanted() {
            return (whole ? "a whole number from " : "a number from ") + plain(least) + " to " + plain(most);
        }

        @Override
        public List<String> extremes() {
            return List.of(plain(least), plain(most));
        }

        private static String plain(BigDecimal number) {
            return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
        }
    }

    /** One of a few words. */
    record Words(List<String> words) implements Values {
        @Override
        public Optional<String> normal(String value) {
            return words.contains(value) ? Optional.of(value) : Optional.empty();
        }

        @Override
        public String wanted() {
            return "one of " + String.join(", ", words);
        }

        @Override
        public List<String> extremes() {
            return words;
        }
    }

    /** A colour by name or as six hex digits. */
    record Colour() implements Values {
        private static final List<String> NAMES = List.of(
                "black", "white", "gray", "red", "green", "blue", "yellow", "orange", "purple", "pink", "brown", "navy",
                "teal", "olive", "maroon", "silver", "gold", "cyan", "magenta");
        private static final Pattern HEX = Pattern.compile("(?:#|0x)([0-9A-Fa-f]{6})");

        @Override
        public Optional<String> normal(String value) {
            var hex = HEX.matcher(value);
            if (hex.matches()) {
                return Optional.of("0x" + hex.group(1).toUpperCase(java.util.Locale.ROOT));
            }
            return NAMES.contains(value) ? Optional.of(value) : Optional.empty();
        }

        @Override
        public String wanted() {
            return "a colour as 0xRRGGBB or one of " + String.join(", ", NAMES);
        }

        @Override
        public List<String> extremes() {
            List<String> all = new java.util.ArrayList<>(NAMES);
            all.add("#000000");
            all.add("0xFFFFFF");
            return all;
        }
    }
}
