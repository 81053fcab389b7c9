package org.localav.orchestrator.spec;

/** A picture's width and height in px. */
public record Size(int width, int height) {
    public Size {
        if (width < 2 || height < 2 || width > 16384 || height > 16384) {
            throw new IllegalArgumentException("a picture is 2 to 16384 px wide and high, not " + width + "x" + height);
        }
    }

    /**
     * Reads {@code 1280x720}.
     *
     * @throws IllegalArgumentException with a sentence for the person who wrote the value
     */
    public static Size parse(String text) {
        int x = text.indexOf('x');
        try {
            return new Size(Integer.parseInt(text.substring(0, x)), Integer.parseInt(text.substring(x + 1)));
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException(
                    "'" + text + "' is no size; write WIDTHxHEIGHT in px, as in 1280x720", e);
        }
    }

    @Override
    public String toString() {
        return width + "x" + height;
    }
}
