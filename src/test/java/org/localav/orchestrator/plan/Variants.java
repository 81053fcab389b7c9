package org.localav.orchestrator.plan;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All values that differ from a record in exactly one place, however deep. */
final class Variants {
    private Variants() {}

    /** @param path names the place, as in {@code MixRecipe.tracks.0.items.0.gainDb} */
    record Variant(String path, Object value) {}

    static List<Variant> of(Object value) {
        return variants(value.getClass().getSimpleName(), value);
    }

    private static List<Variant> variants(String path, Object value) {
        if (value instanceof Record record) {
            return ofRecord(path, record);
        }
        if (value instanceof List<?> list) {
            return ofList(path, list);
        }
        if (value instanceof Map<?, ?> map) {
            return ofMap(path, map);
        }
        if (value instanceof Optional<?> optional) {
            List<Variant> all = new ArrayList<>();
            optional.ifPresent(content -> {
                variants(path, content).forEach(v -> all.add(new Variant(v.path(), Optional.of(v.value()))));
                all.add(new Variant(path, Optional.empty()));
            });
            return all;
        }
        return List.of(new Variant(path, other(value)));
    }

    private static Object other(Object value) {
        if (value instanceof String text) {
            return text.length() == 64 ? "f".repeat(64) : text + "x";
        }
        if (value instanceof Integer number) {
            return number + 2;
        }
        if (value instanceof Long number) {
            return number + 2;
        }
        if (value instanceof Double number) {
            return number + 0.5;
        }
        if (value instanceof Boolean flag) {
            return !flag;
        }
        if (value instanceof Duration duration) {
            return duration.plusMillis(1);
        }
        if (value instanceof Enum<?> constant) {
            Object[] all = constant.getDeclaringClass().getEnumConstants();
            return all[(constant.ordinal() + 1) % all.length];
        }
        throw new AssertionError("nothing is known of " + value.getClass());
    }

    private static List<Variant> ofRecord(String path, Record record) {
        RecordComponent[] components = record.getClass().getRecordComponents();
        List<Variant> all = new ArrayList<>();
        try {
            Object[] values = new Object[components.length];
            for (int i = 0; i < values.length; i++) {
                components[i].getAccessor().setAccessible(true);
                values[i] = components[i].getAccessor().invoke(record);
            }
            var constructor = record.getClass()
                    .getDeclaredConstructor(Arrays.stream(components)
                            .map(RecordComponent::getType)
                            .toArray(Class<?>[]::new));
            constructor.setAccessible(true);
            for (int i = 0; i < values.length; i++) {
                for (Variant variant : variants(path + "." + components[i].getName(), values[i])) {
                    Object[] changed = values.clone();
                    changed[i] = variant.value();
                    all.add(new Variant(variant.path(), constructor.newInstance(changed)));
                }
            }
            return all;
        } catch (InvocationTargetException e) {
            throw new AssertionError(path, e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(path, e);
        }
    }

    private static List<Variant> ofList(String path, List<?> list) {
        List<Variant> all = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            for (Variant variant : variants(path + "." + i, list.get(i))) {
                List<Object> changed = new ArrayList<>(list);
                changed.set(i, variant.value());
                all.add(new Variant(variant.path(), changed));
            }
        }
        if (list.size() > 1) {
            List<Object> turned = new ArrayList<>(list);
            Collections.reverse(turned);
            all.add(new Variant(path + " turned", turned));
            all.add(new Variant(path + " shortened", list.subList(0, list.size() - 1)));
        }
        return all;
    }

    private static List<Variant> ofMap(String path, Map<?, ?> map) {
        List<Variant> all = new ArrayList<>();
        map.forEach((key, value) -> {
            Map<Object, Object> changed = new LinkedHashMap<>(map);
            changed.put(key, other(value));
            all.add(new Variant(path + "." + key, changed));
            Map<Object, Object> removed = new LinkedHashMap<>(map);
            removed.remove(key);
            all.add(new Variant(path + " without " + key, removed));
        });
        return all;
    }
}
