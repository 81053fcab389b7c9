package org.localav.orchestrator.speech;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LocalRequestTest {
    private static final Voices VOICES = new Voices(
            """
            Pty Language       Age/Gender VoiceName          File                 Other Languages
             5  cmn             --/M      Chinese_(Mandarin) sit/cmn              (zh-cmn 5)(zh 5)
             2  en-gb           --/M      English_(Great_Britain) gmw/en          (en 2)
             2  en-us           --/M      English_(America)  gmw/en-US            (en 3)
             5  fr-fr           --/M      French_(France)    roa/fr               (fr 5)
             5  en-us           --/F      us-mbrola-1        mb/mb-us1            (en 8)
            """,
            """
            Pty Language       Age/Gender VoiceName          File                 Other Languages
             5  variant         --/F      female3            !v/f3
             5  variant         --/M      Alex               !v/Alex
            """);

    private static LocalRequest read(String json) throws Refusal {
        return LocalRequest.read(json.getBytes(StandardCharsets.UTF_8), VOICES);
    }

    @Test
    void readsWhatAClientSends() throws Refusal {
        LocalRequest request = read("{\"model\": \"tts-1\", \"input\": \"-f /etc/passwd\", \"voice\": \"CMN\","
                + " \"speed\": 2, \"response_format\": \"wav\"}");

        assertEquals(new LocalRequest("-f /etc/passwd", "cmn", 2), request);
        assertEquals(
                List.of("-b", "1", "-v", "cmn", "-s", "350", "-f", "/t/text", "-w", "/t/out.wav"),
                request.arguments(Path.of("/t/text"), Path.of("/t/out.wav")));
    }

    @ParameterizedTest
    @CsvSource({
        "zh, cmn",
        "en-US, en-us",
        "en_us, en-us",
        "en, en-gb",
        "French_(France), fr-fr",
        "fr, fr-fr",
        "gmw/en-US, en-us",
        "en-us+f3, en-us+f3",
        "en-us+ALEX, en-us+Alex"
    })
    void knowsAVoiceByAllItsNames(String wanted, String voice) throws Refusal {
        assertEquals(
                voice, read("{\"input\": \"a\", \"voice\": \"" + wanted + "\"}").voice());
    }

    @Test
    void takesAwayWhatWouldBeACommand() throws Refusal {
        assertEquals(
                "a  b [ [h@l]]\n",
                read("{\"input\": \"a\\u0000\\u0007b [[h@l]]\\n\"}").text());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"input\": \"a\", \"voice\": \"en-uss\"} | there is no voice 'en-uss'; did you mean 'en-us'?",
                "{\"input\": \"a\", \"voice\": \"us-mbrola-1\"} | there is no voice 'us-mbrola-1'",
                "{\"input\": \"a\", \"voice\": \"en-us+f33\"} | the voice 'en-us' has no variant 'f33'; did you mean 'f3'?",
                "{\"input\": \"a\", \"voice\": \"../../etc/passwd\"} | there is no voice '../../etc/passwd'",
                "{\"input\": \"a\", \"voice\": 3} | voice must be a name",
                "{\"input\": \"a\", \"speed\": 9} | speed must be from 0.5 to 4.0, not 9.0",
                "{\"input\": \"a\", \"speed\": \"2\"} | speed must be a number",
                "{\"input\": \"a\", \"response_format\": \"mp3\"} | response_format 'mp3' is not made here; ask for wav",
                "{\"input\": \"  ...!? \"} | input holds nothing that can be spoken",
                "{\"text\": \"a\"} | input must be the text to speak",
                "{\"input\": \"a\", \"input\": \"b\"} | the body is no JSON",
                "{\"input\": \"a\"} tail | the body is no JSON",
                "[] | the body must be a JSON object"
            })
    void refusesWithASentence(String json, String sentence) {
        Refusal refusal = assertThrows(Refusal.class, () -> read(json));

        assertEquals(400, refusal.status());
        assertTrue(refusal.getMessage().startsWith(sentence), refusal.getMessage());
    }

    @Test
    void refusesMoreThanIsSpokenAtOnce() throws Refusal {
        String fits = "😀".repeat(4095) + "a";

        assertEquals(fits, read("{\"input\": \"" + fits + "\"}").text());
        assertTrue(assertThrows(Refusal.class, () -> read("{\"input\": \"" + fits + "b\"}"))
                .getMessage()
                .startsWith("input has 4097 characters; 4096 are the most"));
    }

    @Test
    void tellsAnErrorAsOpenAiDoes() {
        String json = new String(new Refusal(400, "unknown_voice", "no \"x\"").json(), StandardCharsets.UTF_8);

        assertEquals(
                "{\"error\":{\"message\":\"no \\\"x\\\"\",\"type\":\"invalid_request_error\",\"code\":\"unknown_voice\"}}",
                json);
    }
}
