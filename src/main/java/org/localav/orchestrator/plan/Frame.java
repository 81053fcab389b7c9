package org.localav.orchestrator.plan;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.localav.orchestrator.spec.JobSpec.Fit;
import org.localav.orchestrator.spec.Rational;
import org.localav.orchestrator.spec.Size;

/**
 * The frame every clip of a piece is conformed to: square pixels, constant rate, limited-range BT.709.
 *
 * @param fps frames a second
 * @param fit how a picture of another shape fills it; empty: the shapes agree
 * @param pixelFormat ffmpeg's name, as in {@code yuv420p}
 */
public record Frame(Size size, Rational fps, Optional<Fit> fit, String pixelFormat) {
    Map<String, Object> canonical() {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("size", size.toString());
        tree.put("fps", fps.toString());
        tree.put("fit", fit.map(Fit::name).orElse(""));
        tree.put("pixel_format", pixelFormat);
        return tree;
    }
}
