package org.localav.orchestrator.ffmpeg;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DialectTest {
    @ParameterizedTest
    @CsvSource({
        "ffmpeg version 4.4.2-0ubuntu0.22.04.1 Copyright (c) 2000-2021, -filter_complex_script, -vsync, false",
        "ffmpeg version 5.1.9-0+deb12u1 Copyright (c) 2000-2026, -filter_complex_script, -fps_mode, true",
        "ffmpeg version 5.0.1 Copyright (c) 2000-2022, -filter_complex_script, -vsync, true",
        "ffmpeg version n6.1 Copyright (c) 2000-2023, -filter_complex_script, -fps_mode, true",
        "ffmpeg version 7.1.1-static https://johnvansickle.com/ffmpeg/, -/filter_complex, -fps_mode, true",
        "ffmpeg version n8.0 Copyright (c) 2000-2025, -/filter_complex, -fps_mode, true",
        "ffmpeg version N-125551-g1f2e3d4c5b Copyright (c) 2000-2026, -/filter_complex, -fps_mode, true"
    })
    void knowsWhatAVersionCallsItsOptions(String version, String graphFile, String frameMode, boolean listOptions) {
        assertEquals(new Dialect(graphFile, frameMode, listOptions), Dialect.of(version));
    }
}
