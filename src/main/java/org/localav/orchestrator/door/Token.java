package org.localav.orchestrator.door;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a client of the HTTP API must know: a secret in a file that only the service's user can read. */
public final class Token {
    private static final Logger LOG = LoggerFactory.getLogger(Token.class);
    private static final int BYTES = 32;
    private static final int LEAST_CHARACTERS = 16;

    private final String text;
    private final byte[] hash;

    private Token(String text) {
        this.text = text;
        this.hash = sha256(text);
    }

    /**
     * Reads the token or, the first time, makes one.
     *
     * @throws IOException with a sentence when it can't be read or made
     */
    public static Token readOrMake(Path file) throws IOException {
        if (!Files.exists(file)) {
            make(file);
        }
        return read(file);
    }

    /** @throws IOException with a sentence when there is none, or none that is any good */
    public static Token read(Path file) throws IOException {
        String text;
        try {
            text = Files.readString(file).strip();
        } catch (IOException e) {
            throw new IOException("the token can't be read from " + file + " (http.token_file): " + e, e);
        }
        if (text.length() < LEAST_CHARACTERS || !text.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new IOException(file + " (http.token_file) should hold one word of at least " + LEAST_CHARACTERS
                    + " ASCII characters; delete it, and the service makes a new one when it starts");
        }
        if (exposed(file, System.getProperty("user.name"))) {
            LOG.warn("{} holds the token of the HTTP API and can be read by everybody here; chmod o= {}", file, file);
        }
        return new Token(text);
    }

    /** Who is given a file of another's, such as a secret that Docker mounts, reads it as one of the others himself. */
    static boolean exposed(Path file, String user) throws IOException {
        return Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ)
                && Files.getOwner(file).getName().equals(user);
    }

    /** A link appears whole or not at all, and never replaces what another process made meanwhile. */
    private static void make(Path file) throws IOException {
        Path folder = Files.createDirectories(file.toAbsolutePath().getParent());
        byte[] bytes = new byte[BYTES];
        new SecureRandom().nextBytes(bytes);
        String text = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes) + "\n";
        Path draft = Files.createTempFile(
                folder,
                ".token",
                "",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            Files.writeString(draft, text);
            Files.createLink(file, draft);
        } catch (FileAlreadyExistsException e) {
            LOG.debug("another process has made {}", file);
        } catch (IOException e) {
            throw new IOException("the token can't be written to " + file + " (http.token_file): " + e, e);
        } finally {
            Files.deleteIfExists(draft);
        }
    }

    /** What stands behind {@code Bearer}. */
    public String text() {
        return text;
    }

    /** Takes the same time however much of it is right. */
    boolean matches(String given) {
        return MessageDigest.isEqual(hash, sha256(given));
    }

    /** A signature that only who has the token can make. */
    String sign(String signed) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(text.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HMAC with SHA-256", e);
        }
    }

    boolean signed(String signed, String signature) {
        return MessageDigest.isEqual(
                sign(signed).getBytes(StandardCharsets.UTF_8), signature.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
