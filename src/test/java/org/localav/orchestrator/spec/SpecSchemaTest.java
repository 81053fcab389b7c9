package org.localav.orchestrator.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.localav.orchestrator.plan.Stage;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Holds the schema against the records and against what the reader accepts. */
class SpecSchemaTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonSchema SCHEMA =
            JsonSchemaFactory.getInstance(VersionFlag.V202012).getSchema(SpecSchema.text());
    private static final JsonNode TREE = tree();

    /** The records and where the schema describes them. */
    private static final Map<Class<?>, String> RECORDS = Map.ofEntries(
            Map.entry(JobSpec.class, ""),
            Map.entry(JobSpec.Job.class, "/$defs/job"),
            Map.entry(JobSpec.Retry.class, "/$defs/retry"),
            Map.entry(JobSpec.Limits.class, "/$defs/limits"),
            Map.entry(JobSpec.Webhook.class, "/$defs/webhook"),
            Map.entry(JobSpec.Asset.class, "/$defs/asset/then"),
            Map.entry(JobSpec.Audio.class, "/$defs/audio"),
            Map.entry(JobSpec.AudioItem.class, "/$defs/audioItem"),
            Map.entry(JobSpec.Tts.class, "/$defs/tts"),
            Map.entry(JobSpec.Duck.class, "/$defs/duck"),
            Map.entry(JobSpec.Loudness.class, "/$defs/loudness"),
            Map.entry(JobSpec.Video.class, "/$defs/video"),
            Map.entry(JobSpec.Clip.class, "/$defs/clip"),
            Map.entry(JobSpec.Output.class, "/$defs/output"));

    private static final Map<String, String> RENAMED =
            Map.of("gain_db", "gain", "amount_db", "amount", "keep_metadata", "metadata");

    static Stream<Class<?>> records() {
        return RECORDS.keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("records")
    void describesEveryFieldOfARecordAndNoOther(Class<?> record) {
        Set<String> components = Arrays.stream(record.getRecordComponents())
                .map(component ->
                        component.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT))
                .map(name -> RENAMED.getOrDefault(name, name))
                .collect(Collectors.toCollection(TreeSet::new));
        JsonNode properties = TREE.at(RECORDS.get(record) + "/properties");

        assertEquals(components, new TreeSet<>(names(properties)));
        properties.forEach(property -> {
            assertTrue(property.hasNonNull("title"), property::toString);
            assertTrue(property.hasNonNull("description"), property::toString);
            String target = property.path("$ref").asText().replace("#", "");
            boolean object = TREE.at(target).path("type").asText().equals("object");
            assertTrue(property.has("examples") || object && !target.isEmpty(), property::toString);
        });
    }

    @Test
    void knowsTheSameWordsAsTheProgram() {
        List<String> stages = Arrays.stream(Stage.values()).map(Stage::id).toList();
        List<String> fits = Arrays.stream(JobSpec.Fit.values())
                .map(fit -> fit.name().toLowerCase(Locale.ROOT))
                .toList();

        assertEquals(stages, SpecBinder.STAGES);
        assertEquals(stages, names(TREE.at("/$defs/job/properties/stage_timeouts/properties")));
        assertEquals(fits, texts(TREE.at("/$defs/video/properties/fit/enum")));
        assertEquals(SpecBinder.EVENTS, texts(TREE.at("/$defs/webhook/properties/events/items/enum")));
    }

    @Test
    void namesTheDefaultsTheReaderUses() throws Exception {
        ObjectNode sparse = (ObjectNode)
                JSON.readTree(
                        """
                {"version": 1, "job": {"retry": {}, "webhooks": [{"url": "https://x.example/"}]},
                 "assets": {"a": {"path": "a.mp4"}},
                 "audio": {"tracks": {"v": [{"tts": {"text": "Hi"}}], "x": [{"asset": "a", "duck": {"by": "v"}}]},
                           "loudness": {"integrated": -16}},
                 "video": {"clips": [{"asset": "a"}]},
                 "outputs": [{"path": "out.mp4", "preset": "copy"}]}""");
        ObjectNode full = sparse.deepCopy();
        int filled = 0;
        for (Map.Entry<String, String> place : Map.of(
                        "/job", "job",
                        "/job/retry", "retry",
                        "/job/webhooks/0", "webhook",
                        "/audio/tracks/v/0/tts", "tts",
                        "/audio/tracks/x/0", "audioItem",
                        "/audio/tracks/x/0/duck", "duck",
                        "/audio/loudness", "loudness",
                        "/video", "video",
                        "/video/clips/0", "clip",
                        "/outputs/0", "output")
                .entrySet()) {
            JsonNode properties = TREE.at("/$defs/" + place.getValue() + "/properties");
            for (String name : names(properties)) {
                ObjectNode target = (ObjectNode) full.at(place.getKey());
                if (properties.get(name).has("default") && !target.has(name)) {
                    target.set(name, properties.get(name).get("default"));
                    filled++;
                }
            }
        }

        JobSpec left = SpecReader.read("job.json", sparse.toString(), true).spec();
        JobSpec written = SpecReader.read("job.json", full.toString(), true).spec();

        assertTrue(filled > 20);
        assertEquals(left, written);
    }

    static Stream<Path> files() {
        return Stream.concat(JobFiles.in("good").stream(), JobFiles.in("bad").stream())
                .filter(file -> !file.getFileName().toString().startsWith("syntax-"));
    }

    /** {@code rule-*}: what no schema can say; {@code syntax-*}: what a schema never sees. */
    @ParameterizedTest
    @MethodSource("files")
    void agreesWithTheReader(Path file) throws Exception {
        boolean good = file.getParent().endsWith("good");

        Set<String> complaints = complaints(instance(file));

        if (good) {
            assertEquals(Set.of(), complaints);
        } else if (!file.getFileName().toString().startsWith("rule-")) {
            assertFalse(complaints.isEmpty());
        }
    }

    @Test
    void agreesWithTheReaderOnEveryFieldChanged() throws Exception {
        JsonNode good = instance(JobFiles.FOLDER.resolve("good/everything.yaml"));
        List<String> values = List.of(
                "true",
                "7",
                "-3",
                "0.5",
                "null",
                "[]",
                "{}",
                "\"\"",
                "\"x\"",
                "\"1s\"",
                "\"-12dB\"",
                "\"a b\"",
                "\"..\"");
        List<String> disagreements = new ArrayList<>();
        int tried = 0;
        for (String pointer : pointers(good, "", new ArrayList<>())) {
            for (String value : values) {
                disagreements.addAll(
                        disagreement(changed(good, pointer, JSON.readTree(value)), pointer + " = " + value));
                tried++;
            }
            disagreements.addAll(disagreement(changed(good, pointer, null), pointer + " removed"));
            disagreements.addAll(disagreement(changed(good, pointer + "x", JSON.readTree("1")), pointer + "x added"));
        }

        assertTrue(tried > 1000);
        assertEquals(List.of(), disagreements);
    }

    private static List<String> disagreement(JsonNode changed, String what) throws Exception {
        String text = changed.toString();
        Set<String> complaints = complaints(changed);
        YamlTree tree = YamlTree.parse("job.json", text, true);
        SpecBinder.bind(tree.root());
        if (complaints.isEmpty() && !tree.violations().isEmpty()) {
            return List.of(what + ": only the reader refuses: " + tree.violations());
        }
        if (!complaints.isEmpty()) {
            try {
                SpecReader.read("job.json", text, true);
                return List.of(what + ": only the schema refuses: " + complaints);
            } catch (InvalidSpecException expected) {
                return List.of();
            }
        }
        return List.of();
    }

    private static JsonNode changed(JsonNode good, String pointer, JsonNode value) {
        JsonNode copy = good.deepCopy();
        int slash = pointer.lastIndexOf('/');
        JsonNode parent = copy.at(pointer.substring(0, slash));
        String name = pointer.substring(slash + 1);
        if (parent instanceof ObjectNode object) {
            if (value == null) {
                object.remove(name);
            } else {
                object.set(name, value);
            }
        } else if (parent instanceof ArrayNode array && name.matches("[0-9]+")) {
            if (value == null) {
                array.remove(Integer.parseInt(name));
            } else {
                array.set(Integer.parseInt(name), value);
            }
        }
        return copy;
    }

    private static List<String> pointers(JsonNode node, String at, List<String> into) {
        if (!at.isEmpty()) {
            into.add(at);
        }
        node.properties().forEach(field -> pointers(field.getValue(), at + "/" + field.getKey(), into));
        if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                pointers(node.get(i), at + "/" + i, into);
            }
        }
        return into;
    }

    private static Set<String> complaints(JsonNode instance) {
        Set<String> complaints = new HashSet<>();
        SCHEMA.validate(instance).forEach(message -> complaints.add(message.toString()));
        return complaints;
    }

    /** The file as a YAML 1.2 reader other than ours sees it. */
    private static JsonNode instance(Path file) throws Exception {
        String text = Files.readString(file).replace("\uFEFF", "");
        return file.toString().endsWith(".json")
                ? JSON.readTree(text)
                : JSON.valueToTree(new Load(LoadSettings.builder().build()).loadFromString(text));
    }

    private static JsonNode tree() {
        try {
            return JSON.readTree(SpecSchema.text());
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> names(JsonNode object) {
        return object.properties().stream().map(Map.Entry::getKey).toList();
    }

    private static List<String> texts(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }
}
