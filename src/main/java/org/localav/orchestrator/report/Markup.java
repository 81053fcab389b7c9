package org.localav.orchestrator.report;

/** HTML and SVG as they grow: whatever is text or the value of an attribute is escaped here and nowhere else. */
final class Markup {
    private final StringBuilder text = new StringBuilder(16 << 10);

    /** Opens an element; attributes come as name, value, name, value. */
    Markup open(String element, String... attributes) {
        text.append('<').append(element);
        for (int i = 0; i < attributes.length; i += 2) {
            text.append(' ').append(attributes[i]).append("=\"");
            escape(attributes[i + 1]);
            text.append('"');
        }
        text.append('>');
        return this;
    }

    Markup close(String... elements) {
        for (String element : elements) {
            text.append("</").append(element).append(">");
        }
        text.append('\n');
        return this;
    }

    Markup text(String words) {
        escape(words);
        return this;
    }

    /** An element with nothing but text in it. */
    Markup put(String element, String words, String... attributes) {
        return open(element, attributes).text(words).close(element);
    }

    /** A name and its value, in a list of them. */
    Markup pair(String name, String value) {
        return open("div").put("dt", name).put("dd", value).close("div");
    }

    /** What is markup already and was never anybody's text. */
    Markup raw(String markup) {
        text.append(markup);
        return this;
    }

    private void escape(String words) {
        for (int i = 0; i < words.length(); i++) {
            char c = words.charAt(i);
            switch (c) {
                case '&' -> text.append("&amp;");
                case '<' -> text.append("&lt;");
                case '>' -> text.append("&gt;");
                case '"' -> text.append("&quot;");
                case '\'' -> text.append("&#39;");
                default -> text.append(Character.isISOControl(c) && c != '\n' && c != '\t' ? '\uFFFD' : c);
            }
        }
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
