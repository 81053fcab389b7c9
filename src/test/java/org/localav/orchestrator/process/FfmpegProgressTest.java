package org.localav.orchestrator.process;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FfmpegProgressTest {
    private final List<FfmpegProgress.Block> blocks = new ArrayList<>();
    private final FfmpegProgress progress = new FfmpegProgress(blocks::add);

    @Test
    void readsEachBlockAndKeepsWhatIsNotKnownNow() {
        """
        frame=0
        out_time_us=N/A
        out_time_ms=N/A
        speed=N/A
        progress=continue
        frame=42
        out_time_us=1680000
        speed= 3.5x
        noise without an equals sign
        progress=continue
        out_time_us=N/A
        speed=   0x
        progress=end
        """
                .lines()
                .forEach(progress);

        assertEquals(
                List.of(
                        new FfmpegProgress.Block(Duration.ZERO, 0, false),
                        new FfmpegProgress.Block(Duration.ofMillis(1680), 3.5, false),
                        new FfmpegProgress.Block(Duration.ofMillis(1680), 0, true)),
                blocks);
    }

    @Test
    void takesANegativeTimeForTheBeginning() {
        List.of("out_time_us=-46440", "progress=continue").forEach(progress);

        assertEquals(List.of(new FfmpegProgress.Block(Duration.ZERO, 0, false)), blocks);
    }
}
