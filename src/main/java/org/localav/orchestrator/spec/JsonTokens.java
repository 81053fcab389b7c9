package org.localav.orchestrator.spec;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Reads JSON token by token into the same tree as YAML; a string counts as quoted, all else as plain. */
final class JsonTokens {
    private final Problems problems;
    private final TreeBuilder tree;

    JsonTokens(Problems problems, TreeBuilder tree) {
        this.problems = problems;
        this.tree = tree;
    }

    void read(String text) throws InvalidSpecException {
        try (JsonParser parser = new JsonFactory().createParser(text)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                take(parser, token);
            }
        } catch (JsonProcessingException e) {
            String said = e.getOriginalMessage().replaceAll(" \\((for|start marker|not recognized) .*|: enable .*", "");
            throw problems.fatal(
                    place(e.getLocation()),
                    "is no JSON here: " + said.lines().findFirst().orElse("it can't be read"));
        } catch (IOException e) {
            throw new UncheckedIOException("reading a text failed", e);
        }
    }

    private void take(JsonParser parser, JsonToken token) throws IOException, InvalidSpecException {
        Place place = place(parser.currentTokenLocation());
        if (tree.root().isPresent()) {
            throw problems.fatal(place, "a second JSON value begins here; put it into a file of its own");
        }
        switch (token) {
            case START_OBJECT -> tree.open(place, true);
            case START_ARRAY -> tree.open(place, false);
            case END_OBJECT, END_ARRAY -> tree.close();
            case FIELD_NAME -> tree.key(place, parser.currentName());
            case VALUE_STRING -> tree.value(place, new Content.Scalar(parser.getText(), false));
            default -> tree.value(place, new Content.Scalar(parser.getText(), true));
        }
    }

    private static Place place(JsonLocation location) {
        return location == null ? Place.START : new Place(location.getLineNr(), location.getColumnNr());
    }
}
