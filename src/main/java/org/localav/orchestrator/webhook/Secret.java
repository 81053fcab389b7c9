package org.localav.orchestrator.webhook;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** What a receiver and this program both know, and messages are signed with. */
final class Secret {
    private static final String MARK = "whsec_";

    private final SecretKeySpec key;

    private Secret(byte[] key) {
        this.key = new SecretKeySpec(key, "HmacSHA256");
    }

    /**
     * Reads the secret from an environment variable: Base64 after {@code whsec_}, or else the text as it is.
     *
     * @throws IllegalArgumentException when the variable holds none
     */
    static Secret named(String variable, Map<String, String> environment) {
        String text = environment.getOrDefault(variable, "").strip();
        byte[] key = text.startsWith(MARK) ? decoded(text, variable) : text.getBytes(StandardCharsets.UTF_8);
        if (key.length == 0) {
            throw new IllegalArgumentException("the environment variable " + variable
                    + ", which secret_env names as the place of the secret, is not set");
        }
        return new Secret(key);
    }

    private static byte[] decoded(String text, String variable) {
        try {
            return Base64.getDecoder().decode(text.substring(MARK.length()));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "the environment variable " + variable + " holds no secret: what follows whsec_ is not Base64");
        }
    }

    /** The value of the header {@code webhook-signature}. */
    String sign(String id, long timestamp, byte[] body) {
        try {
            Mac mac = Mac.getInstance(key.getAlgorithm());
            mac.init(key);
            mac.update((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
            return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
