package org.localav.orchestrator.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SuggestionTest {
    private static final List<String> KNOWN = List.of("intro", "photo", "music", "web-720p", "fade_in", "fade_out");

    @ParameterizedTest
    @CsvSource({
        "musik, music",
        "muisc, music",
        "Music, music",
        "web720p, web-720p",
        "web-1080p, web-720p",
        "fade-in, fade_in",
        "fadeout, fade_out",
        "phto, photo"
    })
    void suggestsTheNearestKnownName(String word, String meant) {
        assertEquals(Optional.of(meant), Suggestion.nearest(word, KNOWN));
    }

    @ParameterizedTest
    @CsvSource({"zebra", "x", "''", "in", "narration"})
    void suggestsNothingForAWordThatIsFarFromAll(String word) {
        assertEquals(Optional.empty(), Suggestion.nearest(word, KNOWN));
    }

    @Test
    void listsTheFirstDozenOfManyNames() {
        List<String> many = IntStream.range(0, 20).mapToObj(i -> "n" + i).toList();

        assertEquals("n0, n1, n2, n3, n4, n5, n6, n7, n8, n9, n10, n11 and 8 more", Suggestion.list(many));
    }

    @Test
    void keepsAMessageOneReadableLine() {
        assertEquals("'a\\nb\\tc\\u0007'", Suggestion.quote("a\nb\tc\u0007"));
        assertEquals("'" + "x".repeat(57) + "...'", Suggestion.quote("x".repeat(1_000_000)));
        assertEquals("'" + "😀".repeat(57) + "...'", Suggestion.quote("😀".repeat(61)));
        assertEquals("'\\ud83d'", Suggestion.quote("\ud83d"));
    }
}
