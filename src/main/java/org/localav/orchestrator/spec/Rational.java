package org.localav.orchestrator.spec;

import java.math.BigDecimal;

/** An exact ratio in lowest terms: a frame rate (frames a second), a time base (seconds) or a sample aspect ratio. */
public record Rational(long numerator, long denominator) implements Comparable<Rational> {
    public static final Rational ONE = new Rational(1, 1);

    public Rational {
        if (denominator <= 0 || numerator < 0) {
            throw new IllegalArgumentException(numerator + "/" + denominator + " is no positive ratio");
        }
        long divisor = gcd(numerator, denominator);
        numerator /= divisor;
        denominator /= divisor;
    }

    /**
     * Reads {@code 30}, {@code 29.97} (the NTSC rates are recognised: 30000/1001), {@code 30000/1001} or {@code 16:15}.
     *
     * @throws IllegalArgumentException with a sentence for the person who wrote the value
     */
    public static Rational parse(String text) {
        try {
            int slash = Math.max(text.indexOf('/'), text.indexOf(':'));
            if (slash >= 0) {
                return new Rational(
                        Long.parseLong(text.substring(0, slash)), Long.parseLong(text.substring(slash + 1)));
            }
            BigDecimal value = new BigDecimal(text);
            for (long whole : new long[] {24, 30, 48, 60, 120}) {
                Rational ntsc = new Rational(whole * 1000, 1001);
                if (value.scale() >= 2 && Math.abs(ntsc.toDouble() - value.doubleValue()) < 0.005) {
                    return ntsc;
                }
            }
            int scale = Math.max(value.scale(), 0);
            return new Rational(
                    value.movePointRight(scale).longValueExact(),
                    BigDecimal.TEN.pow(scale).longValueExact());
        } catch (ArithmeticException | IllegalArgumentException e) {
            throw new IllegalArgumentException("'" + text + "' is no rate; write 25, 29.97 or 30000/1001", e);
        }
    }

    public double toDouble() {
        return (double) numerator / denominator;
    }

    @Override
    public int compareTo(Rational other) {
        return Long.compare(numerator * other.denominator, other.numerator * denominator);
    }

    /** {@code 30} or {@code 30000/1001}, as ffmpeg reads it. */
    @Override
    public String toString() {
        return denominator == 1 ? Long.toString(numerator) : numerator + "/" + denominator;
    }

    private static long gcd(long a, long b) {
        return b == 0 ? Math.max(a, 1) : gcd(b, a % b);
    }
}
