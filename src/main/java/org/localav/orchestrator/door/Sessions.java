package org.localav.orchestrator.door;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What stands for the token in a browser, which keeps no headers: a cookie that only who has the token can sign, so that
 * nothing has to be remembered and it holds over a restart; and codes that can be used once, to be signed in by a link.
 */
final class Sessions {
    static final Duration LASTS = Duration.ofDays(30);
    static final Duration CODE_LASTS = Duration.ofHours(1);
    private static final int MOST_CODES = 20;
    private static final int BYTES = 24;
    private static final Pattern FORM = Pattern.compile("((\\d{10,12})\\.[A-Za-z0-9_-]{32})\\.([A-Za-z0-9_-]{43})");

    private final Token token;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, Instant> codes = new LinkedHashMap<>();

    Sessions(Token token) {
        this.token = token;
    }

    /** A cookie's value. */
    String begin(Instant now) {
        String signed = now.plus(LASTS).getEpochSecond() + "." + word();
        return signed + "." + token.sign(signed);
    }

    boolean valid(String value, Instant now) {
        Matcher matcher = FORM.matcher(value);
        return matcher.matches()
                && token.signed(matcher.group(1), matcher.group(3))
                && Instant.ofEpochSecond(Long.parseLong(matcher.group(2))).isAfter(now);
    }

    /** Makes a code; the oldest go when many were never used. */
    synchronized String code(Instant now) {
        codes.values().removeIf(end -> !end.isAfter(now));
        if (codes.size() >= MOST_CODES) {
            codes.remove(codes.keySet().iterator().next());
        }
        String code = word();
        codes.put(code, now.plus(CODE_LASTS));
        return code;
    }

    /** Where a code signs in. It stands behind {@code #}: browsers keep that part to themselves. */
    static String path(String code) {
        return "/#code=" + code;
    }

    /** Takes a code, which is worth nothing from then on. */
    synchronized boolean redeem(String code, Instant now) {
        Instant end = codes.remove(code);
        return end != null && end.isAfter(now);
    }

    private String word() {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
