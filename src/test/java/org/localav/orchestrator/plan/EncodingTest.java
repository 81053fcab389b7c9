package org.localav.orchestrator.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EncodingTest {
    @ParameterizedTest
    @CsvSource({"libx264,false", "h264_nvenc,true", "hevc_vaapi,true", "av1_qsv,true", "libsvtav1,false", "gif,false"})
    void knowsWhichEncodersRunOnAGraphicsProcessor(String encoder, boolean gpu) {
        Encoding encoding = new Encoding("any", Map.of("c:v", encoder), 1);

        assertEquals(gpu, encoding.gpu());
    }
}
