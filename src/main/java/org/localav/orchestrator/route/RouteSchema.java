package org.localav.orchestrator.route;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonMetaSchema;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.NonValidationKeyword;
import com.networknt.schema.PathType;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.localav.orchestrator.spec.Violation;

/**
 * Camel's own JSON schema of route files. It takes over a second to load, so nothing on the way to a job uses it, only
 * checks that a person asked for or whose folder is broken already.
 *
 * <p>The schema says "a string or an object, with this expression or that one" in nested alternatives, and a validator
 * answers one mistake with up to 60 messages. What is kept: of all complaints, the deepest ones, and of those at one place
 * the most telling.
 */
final class RouteSchema {
    private static final String RESOURCE = "/schema/camelYamlDsl.json";
    private static final String EXPRESSIONS =
            "/items/definitions/org.apache.camel.model.language.ExpressionDefinition/properties";
    private static final List<String> TELLING = List.of(
            "additionalProperties", "enum", "pattern", "maxProperties", "type", "required", "oneOf", "anyOf", "not");

    private final JsonNode text;
    private final JsonSchema schema;

    RouteSchema() {
        try (InputStream in = RouteSchema.class.getResourceAsStream(RESOURCE)) {
            text = new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        schema = quietFactory()
                .getSchema(
                        text,
                        SchemaValidatorsConfig.builder()
                                .pathType(PathType.JSON_POINTER)
                                .preloadJsonSchema(false)
                                .build());
    }

    /** Camel marks old fields {@code deprecated}, which draft 4 doesn't know and networknt would log. */
    private static JsonSchemaFactory quietFactory() {
        JsonMetaSchema draft = JsonMetaSchema.builder(JsonMetaSchema.getV4())
                .keyword(new NonValidationKeyword("deprecated"))
                .build();
        return JsonSchemaFactory.builder(JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V4))
                .metaSchema(draft)
                .build();
    }

    /** One sentence a mistake, in the order of the file. */
    List<Violation> faults(RouteYaml file) {
        Map<String, List<ValidationMessage>> places = schema.validate(file.json()).stream()
                .filter(message -> !isPlaceholder(message))
                .collect(Collectors.groupingBy(
                        m -> m.getInstanceLocation().toString(), LinkedHashMap::new, Collectors.toList()));
        List<Violation> faults = new ArrayList<>();
        places.forEach((pointer, messages) -> {
            List<ValidationMessage> telling = mostTelling(messages);
            boolean deeper = places.keySet().stream().anyMatch(other -> other.startsWith(pointer + "/"));
            if (telling.get(0).getType().equals("additionalProperties")) {
                faults.addAll(unknownFields(file, pointer, telling, places.keySet()));
            } else if (!deeper) {
                faults.add(file.at(pointer, sentence(telling)));
            }
        });
        faults.sort(Comparator.comparingInt(Violation::line).thenComparingInt(Violation::column));
        return faults;
    }

    /** {@code "{{retries}}"} where a number belongs: the schema can't know it, Camel replaces it in time. */
    private static boolean isPlaceholder(ValidationMessage message) {
        JsonNode value = message.getInstanceNode();
        return value != null && value.isTextual() && value.asText().contains("{{");
    }

    private static List<ValidationMessage> mostTelling(List<ValidationMessage> messages) {
        for (String type : TELLING) {
            List<ValidationMessage> found =
                    messages.stream().filter(m -> m.getType().equals(type)).toList();
            if (!found.isEmpty()) {
                return found;
            }
        }
        return messages;
    }

    /** A field that one alternative doesn't know but another does is no mistake. */
    private List<Violation> unknownFields(
            RouteYaml file, String pointer, List<ValidationMessage> messages, Collection<String> faulty) {
        Set<String> known = new TreeSet<>();
        messages.forEach(m -> known.addAll(fieldsBeside(m)));
        return messages.stream()
                .map(ValidationMessage::getProperty)
                .distinct()
                .filter(field -> !known.contains(field))
                .filter(field -> faulty.stream().noneMatch(other -> other.startsWith(pointer + "/" + field + "/")))
                .map(field -> file.atKey(
                        pointer, field, "unknown " + kind(known) + " '" + field + "'" + Names.nearest(field, known)))
                .toList();
    }

    private static String kind(Set<String> known) {
        return known.contains("choice") && known.contains("to") ? "step" : "field";
    }

    private List<String> fieldsBeside(ValidationMessage message) {
        JsonNode properties = text.at(parent(message)).path("properties");
        List<String> names = new ArrayList<>();
        properties.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static String parent(ValidationMessage message) {
        String location = message.getSchemaLocation().getFragment().toString();
        return location.substring(0, location.lastIndexOf('/'));
    }

    private String sentence(List<ValidationMessage> messages) {
        ValidationMessage first = messages.get(0);
        Set<String> words = new TreeSet<>();
        switch (first.getType()) {
            case "enum" -> {
                text.at(first.getSchemaLocation().getFragment().toString()).forEach(v -> words.add(v.asText()));
                String value = first.getInstanceNode().asText();
                return "'" + value + "' is none of " + String.join(", ", words);
            }
            case "type" -> {
                messages.forEach(m -> words.add(said(
                        text.at(m.getSchemaLocation().getFragment().toString()).asText())));
                return "must be " + String.join(" or ", words) + ", not " + said(first.getArguments()[0].toString());
            }
            case "required" -> {
                messages.forEach(m -> words.add(m.getProperty()));
                return words.size() == 1 ? "needs the field '" + first.getProperty() + "'" : expression(first);
            }
            case "maxProperties" -> {
                return "one entry holds one thing only; begin the next with '- '";
            }
            default -> {
                return "fits no form that Camel knows here";
            }
        }
    }

    private String expression(ValidationMessage message) {
        List<String> given = new ArrayList<>();
        text.at(EXPRESSIONS).fieldNames().forEachRemaining(given::add);
        given.removeIf(language -> !message.getInstanceNode().has(language));
        return given.size() > 1
                ? "holds more than one expression: " + String.join(", ", given) + "; keep one"
                : "needs an expression, such as 'simple' or 'constant'";
    }

    private static String said(String type) {
        return switch (type) {
            case "array" -> "a list";
            case "object" -> "fields";
            case "string" -> "text";
            case "integer", "number" -> "a number";
            case "boolean" -> "true or false";
            case "null" -> "empty";
            default -> type;
        };
    }
}
