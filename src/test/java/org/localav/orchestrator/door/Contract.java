package org.localav.orchestrator.door;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The document openapi.yaml, and whether an answer keeps to it. */
final class Contract {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> METHODS = Set.of("get", "post", "put", "delete", "patch");

    final JsonNode tree = JSON.valueToTree(new Load(LoadSettings.builder().build())
            .loadFromString(new String(HttpNode.contract(), StandardCharsets.UTF_8)));

    record Operation(String path, String method, JsonNode node) {
        boolean fits(String wantedMethod, String wantedPath) {
            return method.equals(wantedMethod) && wantedPath.matches(path.replaceAll("\\{\\w+}", "[^/]+"));
        }
    }

    List<Operation> operations() {
        List<Operation> operations = new ArrayList<>();
        tree.get("paths")
                .fields()
                .forEachRemaining(path -> path.getValue().fields().forEachRemaining(field -> {
                    if (METHODS.contains(field.getKey())) {
                        operations.add(
                                new Operation(path.getKey(), field.getKey().toUpperCase(), field.getValue()));
                    }
                }));
        return operations;
    }

    /** The status must stand there, with the media type, and the body must fit the schema. */
    void check(String method, String path, HttpResponse<String> answer) throws JsonProcessingException {
        // The most literal path wins: /api/jobs/prune is no job.
        List<Operation> fitting = operations().stream()
                .filter(o -> o.fits(method, path))
                .sorted((a, b) ->
                        Boolean.compare(a.path().contains("{"), b.path().contains("{")))
                .toList();
        assertFalse(fitting.isEmpty(), () -> method + " " + path + " stands not in openapi.yaml");
        JsonNode response = fitting.get(0).node().get("responses").path(String.valueOf(answer.statusCode()));
        if (response.has("$ref")) {
            response = tree.at(response.get("$ref").asText().substring(1));
        }
        String where = method + " " + path + " " + answer.statusCode() + ": " + answer.body();
        assertFalse(response.isMissingNode(), where);
        if (!response.has("content")) {
            assertEquals("", answer.body(), where);
            return;
        }
        String type = answer.headers().firstValue("Content-Type").orElse("none").replaceAll(";.*", "");
        JsonNode content = response.get("content").path(type);
        assertFalse(content.isMissingNode(), () -> type + " is not what was promised for " + where);
        if (type.endsWith("json")) {
            assertEquals(Set.of(), violations(content.get("schema"), JSON.readTree(answer.body())), where);
        }
    }

    private Set<ValidationMessage> violations(JsonNode schema, JsonNode body) {
        ObjectNode whole = schema.deepCopy();
        whole.set("components", tree.get("components"));
        return JsonSchemaFactory.getInstance(VersionFlag.V202012)
                .getSchema(whole)
                .validate(body);
    }
}
