package org.localav.orchestrator.spec;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/** Gets the text of a file a user wrote: UTF-8, at most 1 MiB, with no control characters; a byte order mark is dropped. */
final class SourceText {
    static final int LARGEST = 1 << 20;

    private SourceText() {}

    static String read(Path file) throws InvalidSpecException {
        String name = file.toString();
        if (!Files.exists(file)) {
            throw whole(name, "there is no such file");
        }
        if (Files.isDirectory(file)) {
            throw whole(name, "is a folder; name the file in it");
        }
        if (!Files.isRegularFile(file)) {
            throw whole(name, "is no regular file");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(LARGEST + 1);
            return decode(name, bytes);
        } catch (IOException e) {
            throw whole(name, "can't be read (" + e.getClass().getSimpleName() + "); check its permissions");
        }
    }

    static String decode(String name, byte[] bytes) throws InvalidSpecException {
        if (bytes.length > LARGEST) {
            throw whole(name, "is larger than 1 MiB; split it into several files");
        }
        if (bytes.length >= 2 && (bytes[0] & 0xff) + (bytes[1] & 0xff) == 0xff + 0xfe && bytes[0] != bytes[1]) {
            throw whole(name, "is written in UTF-16; save it as UTF-8");
        }
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer input = ByteBuffer.wrap(bytes);
        CharBuffer output = CharBuffer.allocate(bytes.length + 1);
        CoderResult result = decoder.decode(input, output, true);
        String text = output.flip().toString();
        if (result.isError()) {
            String bad = String.format("0x%02X", bytes[input.position()] & 0xff);
            throw at(name, text, text.length(), "the byte " + bad + " is no UTF-8; save the file as UTF-8");
        }
        return checked(name, text);
    }

    /** The text without its byte order mark, when it can be read at all. */
    static String checked(String name, String text) throws InvalidSpecException {
        String body = text.startsWith("\uFEFF") ? text.substring(1) : text;
        if (body.length() > LARGEST) {
            throw whole(name, "is larger than 1 MiB; split it into several files");
        }
        OptionalInt control = body.chars().filter(SourceText::unreadable).findFirst();
        if (control.isPresent()) {
            int where = body.indexOf(control.getAsInt());
            String code = String.format("U+%04X", control.getAsInt());
            throw at(name, body, where, "the character " + code + " can't stand in a text file; remove it");
        }
        return body;
    }

    private static boolean unreadable(int c) {
        return c < ' ' && c != '\n' && c != '\r' && c != '\t' || c >= 0x7f && c < 0xa0 && c != 0x85 || c >= 0xfffe;
    }

    private static InvalidSpecException at(String name, String text, int where, String message) {
        int line = 1
                + (int) text.substring(0, where).chars().filter(c -> c == '\n').count();
        int column = where - text.lastIndexOf('\n', where - 1);
        return new InvalidSpecException(List.of(new Violation(name, line, column, "", message)));
    }

    static InvalidSpecException whole(String name, String message) {
        return new InvalidSpecException(List.of(new Violation(name, 0, 0, "", message)));
    }
}
