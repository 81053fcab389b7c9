package org.localav.orchestrator.spec;

import java.math.BigInteger;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Spellings of numbers and booleans that YAML 1.1 and 1.2 readers understand differently ({@code 012} is 10 or 12,
 * {@code yes} is true or a text), and what to write instead.
 */
final class Ambiguity {
    static final Pattern PLAIN_NUMBER = Pattern.compile("[+-]?(0|[1-9][0-9]{0,17})(\\.[0-9]{1,18})?");

    private static final Set<String> YES = Set.of("yes", "on", "y", "1");
    private static final Set<String> NO = Set.of("no", "off", "n", "0");

    private Ambiguity() {}

    static String flagAdvice(String text) {
        String quoted = Suggestion.quote(text);
        String lower = text.toLowerCase(Locale.ROOT);
        if (YES.contains(lower) || NO.contains(lower)) {
            return quoted + " isn't true or false to every YAML reader; write " + YES.contains(lower);
        }
        return quoted + " must be true or false";
    }

    static String numberAdvice(String text, String wanted) {
        String quoted = Suggestion.quote(text);
        if (text.length() > 40) {
            return quoted + " must be " + wanted;
        }
        if (text.matches("[+-]?0[0-9]+(\\.[0-9]+)?")) {
            String decimal = text.replaceFirst("^([+-]?)0+(?=[0-9])", "$1");
            return quoted + " is octal to some YAML readers; write " + decimal;
        }
        if (text.matches("[+-]?[0-9][0-9_]*_[0-9_]*(\\.[0-9]+)?")) {
            return quoted + " is a text to some YAML readers; write " + text.replace("_", "");
        }
        if (text.matches("0x[0-9A-Fa-f]+")) {
            return quoted + " is hexadecimal; write " + new BigInteger(text.substring(2), 16);
        }
        if (text.matches("0o[0-7]+")) {
            return quoted + " is octal; write " + new BigInteger(text.substring(2), 8);
        }
        if (text.matches("[0-9]+(:[0-9]{1,2})+")) {
            return quoted + " is a number to base 60 to some YAML readers; write " + wanted;
        }
        if (text.matches("[+-]?[0-9.]+[eE][+-]?[0-9]+")) {
            return quoted + " has an exponent; write " + wanted + " in plain digits";
        }
        return quoted + " must be " + wanted;
    }
}
