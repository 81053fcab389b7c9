package org.localav.orchestrator.spec;

import java.util.Iterator;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlVersionException;

/** Reads YAML event by event, so that anchors, aliases, tags and duplicate keys are seen before they do anything. */
final class YamlEvents {
    private final Problems problems;
    private final TreeBuilder tree;
    private int documents;
    private int refusedKeyDepth;

    YamlEvents(Problems problems, TreeBuilder tree) {
        this.problems = problems;
        this.tree = tree;
    }

    void read(String text) throws InvalidSpecException {
        LoadSettings settings = LoadSettings.builder()
                .setCodePointLimit(SourceText.LARGEST + 1)
                .setUseMarks(true)
                .build();
        try {
            Iterator<Event> events = new Parse(settings).parseString(text).iterator();
            while (events.hasNext()) {
                take(events.next());
            }
        } catch (MarkedYamlEngineException e) {
            Mark mark = e.getProblemMark().or(e::getContextMark).orElse(null);
            throw problems.fatal(place(Optional.ofNullable(mark)), YamlSyntax.explain(e.getProblem(), e.getContext()));
        } catch (YamlVersionException e) {
            throw problems.fatal(Place.START, "asks for a YAML version this program can't read; remove the %YAML line");
        } catch (YamlEngineException e) {
            throw problems.fatal(Place.START, "is no YAML: " + Suggestion.shorten(String.valueOf(e.getMessage())));
        }
    }

    private void take(Event event) throws InvalidSpecException {
        Place place = place(event.getStartMark());
        if (event instanceof DocumentStartEvent start) {
            documents++;
            if (documents > 1) {
                throw problems.fatal(place, "a second document begins here; put it into a file of its own");
            }
            if (!start.getTags().isEmpty()) {
                problems.add(place, "", "%TAG is refused; remove it");
            }
        } else if (refusedKeyDepth > 0) {
            skipKey(event);
        } else if (event instanceof NodeEvent node) {
            take(node, place);
        } else if (event instanceof CollectionEndEvent) {
            tree.close();
        }
    }

    private void take(NodeEvent node, Place place) throws InvalidSpecException {
        boolean key = tree.wantsKey();
        refuseProperties(node, place);
        if (key && !(node instanceof ScalarEvent)) {
            problems.add(place, tree.nextPath(), "a key must be a plain name" + braces(node));
            tree.dropNext(place);
            refusedKeyDepth = node instanceof CollectionStartEvent ? 1 : 0;
        } else if (node instanceof CollectionStartEvent start) {
            tree.open(place, start instanceof MappingStartEvent);
        } else if (node instanceof ScalarEvent scalar && key) {
            tree.key(place, scalar.getValue());
        } else if (node instanceof ScalarEvent scalar) {
            tree.value(place, new Content.Scalar(scalar.getValue(), scalar.isPlain()));
        } else {
            tree.value(place, new Content.Refused());
        }
    }

    private static String braces(NodeEvent node) {
        return node instanceof CollectionStartEvent start && start.isFlow()
                ? "; text that begins with '{' or '[' needs quotes"
                : "";
    }

    private void skipKey(Event event) {
        if (event instanceof CollectionStartEvent) {
            refusedKeyDepth++;
        } else if (event instanceof CollectionEndEvent) {
            refusedKeyDepth--;
        }
    }

    private void refuseProperties(NodeEvent node, Place place) {
        if (node instanceof AliasEvent alias) {
            String name = alias.getAlias().getValue();
            problems.add(
                    place,
                    tree.nextPath(),
                    "the YAML alias " + Suggestion.quote("*" + name) + " is refused; write the value out"
                            + " (or put the text in quotes)");
            return;
        }
        node.getAnchor()
                .ifPresent(anchor -> problems.add(
                        place,
                        tree.nextPath(),
                        "the YAML anchor " + Suggestion.quote("&" + anchor.getValue())
                                + " is refused; remove it (or put the text in quotes)"));
        Optional<String> tag = node instanceof ScalarEvent scalar
                ? scalar.getTag()
                : node instanceof CollectionStartEvent start ? start.getTag() : Optional.empty();
        tag.ifPresent(name -> problems.add(
                place,
                tree.nextPath(),
                "the YAML tag " + Suggestion.quote(name.replace("tag:yaml.org,2002:", "!!"))
                        + " is refused; remove it"));
    }

    private static Place place(Optional<Mark> mark) {
        return mark.map(m -> new Place(m.getLine() + 1, m.getColumn() + 1)).orElse(Place.START);
    }
}
