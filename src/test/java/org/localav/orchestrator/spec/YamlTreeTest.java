package org.localav.orchestrator.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class YamlTreeTest {
    @TempDir
    Path folder;

    @Test
    void knowsWhereEveryValueStands() throws Exception {
        YamlTree tree = yaml("a:\n  - {b: 1, c: [x]}\nd: text\n");

        assertEquals(new Place(2, 9), tree.locations().of("a[0].b"));
        assertEquals(new Place(2, 16), tree.locations().of("a[0].c[0]"));
        assertEquals(new Place(3, 4), tree.locations().of("d"));
        assertEquals(new Place(2, 5), tree.locations().of("a[0].missing.deeper"));
        assertEquals("f.yaml:3:4: d: wrong", tree.violation("d", "wrong").toString());
    }

    @Test
    void countsColumnsInCharactersAlsoOutsideTheBasicPlane() throws Exception {
        assertEquals(new Place(1, 13), yaml("{\"😀\": 1, x: 2}").locations().of("x"));
    }

    @ParameterizedTest
    @CsvSource({"no", "012", "12:30", "1_000", "0x1F", "yes", "1.10", "2026-01-02", "+5", "off"})
    void takesTextAsItIsWritten(String written) throws Exception {
        assertEquals(Optional.of(written), yaml("t: " + written + "\n").root().read("t", YamlValue::asText));
    }

    @ParameterizedTest
    @CsvSource({
        "012, is octal to some YAML readers; write 12",
        "1_000, is a text to some YAML readers; write 1000",
        "0x1F, is hexadecimal; write 31",
        "0o17, is octal; write 15",
        "12:30, is a number to base 60 to some YAML readers; write a whole number from 0 to 9",
        "1e3, has an exponent; write a whole number from 0 to 9 in plain digits",
        "ten, must be a whole number from 0 to 9",
        "10, must be a whole number from 0 to 9"
    })
    void refusesNumbersThatReadersUnderstandDifferently(String written, String sentence) throws Exception {
        YamlTree tree = yaml("t: " + written + "\n");

        tree.root().read("t", value -> value.asWhole(0, 9));

        assertEquals("f.yaml:1:4: t: '" + written + "' " + sentence, said(tree));
    }

    @Test
    void readsJsonIntoTheSameTree() throws Exception {
        YamlTree tree = YamlTree.parse("f.json", "{\n\t\"a\": [\"x\\/y \\ud83d\\ude00\", 1.50, true, null]\r\n}", true);
        List<YamlValue> items = tree.root().get("a").flatMap(YamlValue::asList).orElseThrow();

        assertEquals(Optional.of("x/y 😀"), items.get(0).asText());
        assertEquals(Optional.of(1.5), items.get(1).asNumber(0, 2));
        assertEquals(Optional.of(true), items.get(2).asFlag());
        assertEquals(new Place(2, 8), items.get(0).place());
        assertTrue(items.get(3).asText().isEmpty());
        assertEquals("f.json:2:41: a[3]: 'null' means no value; put it in quotes or remove it", said(tree));
    }

    @Test
    void refusesDuplicateKeysInJson() throws Exception {
        assertEquals(
                "f.json:2:2: a: the key 'a' stands at line 1 already",
                said(YamlTree.parse("f.json", "{\"a\": 1,\n \"a\": 2}", true)));
    }

    @Test
    void readsAFileWithByteOrderMarkAndWindowsLineEnds() throws Exception {
        YamlTree tree = file("\uFEFFa: 1\r\nb: two\r\n".getBytes(StandardCharsets.UTF_8));

        assertEquals(Optional.of("two"), tree.root().read("b", YamlValue::asText));
        assertEquals(new Place(2, 4), tree.locations().of("b"));
    }

    @Test
    void saysWhyAFileCannotBeRead() throws Exception {
        Path missing = folder.resolve("missing.yaml");

        assertEquals(missing + ": there is no such file", refusal(missing));
        assertEquals(folder + ": is a folder; name the file in it", refusal(folder));
        assertEquals("is empty", refusal(new byte[0]));
        assertEquals("is empty", refusal("# nothing\n---\n".getBytes(StandardCharsets.UTF_8)));
        assertEquals("is larger than 1 MiB; split it into several files", refusal(new byte[(1 << 20) + 1]));
        assertEquals("is written in UTF-16; save it as UTF-8", refusal("a: 1".getBytes(StandardCharsets.UTF_16)));
        assertEquals(
                "2:4: the byte 0xE9 is no UTF-8; save the file as UTF-8",
                refusal("a: 1\nb: \u00e9t\u00e9\n".getBytes(StandardCharsets.ISO_8859_1)));
        assertEquals(
                "2:4: the character U+0000 can't stand in a text file; remove it",
                refusal("a: 1\nb: \0\n".getBytes(StandardCharsets.UTF_8)));
    }

    private YamlTree yaml(String text) throws InvalidSpecException {
        return YamlTree.parse("f.yaml", text, false);
    }

    private String said(YamlTree tree) {
        return assertThrows(InvalidSpecException.class, tree::check).getMessage();
    }

    private YamlTree file(byte[] bytes) throws Exception {
        return YamlTree.read(Files.write(folder.resolve("f.yaml"), bytes));
    }

    private String refusal(Path file) {
        return assertThrows(InvalidSpecException.class, () -> YamlTree.read(file))
                .getMessage();
    }

    private String refusal(byte[] bytes) throws Exception {
        Path file = Files.write(folder.resolve("f.yaml"), bytes);
        return refusal(file).substring((file + ":").length()).strip();
    }
}
