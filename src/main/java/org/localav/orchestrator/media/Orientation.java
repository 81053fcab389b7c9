package org.localav.orchestrator.media;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a stored picture is to be turned, and then perhaps flipped left to right, for showing. Read from the display
 * matrix and not from ffprobe's {@code rotation}, which counts anticlockwise and can't tell a flip.
 */
record Orientation(int rotation, boolean mirrored) {
    static final Orientation UPRIGHT = new Orientation(0, false);

    private static final Pattern ROW = Pattern.compile("0000000[01]:\\s*(-?\\d+)\\s+(-?\\d+)");

    /**
     * Reads ffprobe's {@code displaymatrix}: a point (x, y) of the stored picture, y downwards, is shown at (a x + c y, b x
     * + d y), where the first two rows begin "a b" and "c d".
     */
    static Optional<Orientation> read(String displayMatrix) {
        Matcher rows = ROW.matcher(displayMatrix);
        if (!rows.find()) {
            return Optional.empty();
        }
        double a = Double.parseDouble(rows.group(1));
        double b = Double.parseDouble(rows.group(2));
        if (!rows.find()) {
            return Optional.empty();
        }
        double c = Double.parseDouble(rows.group(1));
        double d = Double.parseDouble(rows.group(2));
        double determinant = a * d - b * c;
        if (determinant == 0) {
            return Optional.empty();
        }
        boolean mirrored = determinant < 0;
        double degrees = Math.toDegrees(Math.atan2(b, mirrored ? -a : a));
        return Optional.of(new Orientation(Math.floorMod(Math.round(degrees / 90) * 90, 360), mirrored));
    }
}
