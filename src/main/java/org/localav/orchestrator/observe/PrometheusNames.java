package org.localav.orchestrator.observe;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.config.MeterFilterReply;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Gives the meters of Camel and of the virtual machine the names, labels and help that Prometheus asks for. */
final class PrometheusNames implements MeterFilter {
    private static final Pattern HUMP = Pattern.compile("([a-z0-9])([A-Z])");

    /** Their units can't be told from their names, or another meter says the same. */
    private static final Set<String> LEFT_OUT = Set.of("process.cpu.time", "system.cpu.count");

    /** Each edit of the routes makes a new context, so its name would make new series without end. */
    private static final Set<String> LABELS_LEFT_OUT = Set.of("camelContext", "serviceName", "kind", "eventType");

    @Override
    public MeterFilterReply accept(Meter.Id id) {
        return LEFT_OUT.contains(id.getName()) ? MeterFilterReply.DENY : MeterFilterReply.NEUTRAL;
    }

    @Override
    public Meter.Id map(Meter.Id id) {
        boolean camel = id.getName().startsWith("camel.");
        List<Tag> tags = id.getTags().stream()
                .filter(tag -> !camel || !LABELS_LEFT_OUT.contains(tag.getKey()))
                .map(tag -> Tag.of(snake(tag.getKey()), tag.getValue()))
                .toList();
        String help = id.getDescription();
        return new Meter.Id(
                id.getName(),
                Tags.of(tags),
                id.getBaseUnit(),
                help == null || help.isBlank() ? id.getName().replace('.', ' ') : help,
                id.getType());
    }

    private static String snake(String name) {
        return HUMP.matcher(name).replaceAll("$1_$2").toLowerCase(Locale.ROOT);
    }
}
