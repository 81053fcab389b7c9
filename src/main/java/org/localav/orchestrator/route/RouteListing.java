package org.localav.orchestrator.route;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.localav.orchestrator.spec.InvalidSpecException;
import org.localav.orchestrator.spec.Violation;
import org.snakeyaml.engine.v2.nodes.Node;

/** A line for every route of a folder, from the text alone: no Camel starts. */
public record RouteListing(String id, String group, String from, String description, String file, int line) {

    /** In file order; texts that are no YAML are left out. */
    public static List<RouteListing> of(Path folder) throws InvalidSpecException {
        RouteFolder all = RouteFolder.read(folder);
        return RouteCheck.read(all).stream()
                .flatMap(
                        file -> file.faults().isEmpty() ? file.routes().stream().map(r -> line(file, r)) : Stream.of())
                .toList();
    }

    private static RouteListing line(RouteYaml file, RouteYaml.Entry route) {
        Violation place = file.at(route.node(), "", "");
        Optional<Node> from = RouteYaml.child(route.node(), "from");
        String uri = from.flatMap(f -> RouteYaml.child(f, "uri"))
                .map(RouteYaml::text)
                .orElse("");
        return new RouteListing(
                route.id(),
                field(route, "group"),
                from.flatMap(RouteYaml::direct).map(name -> "direct:" + name).orElse(uri),
                field(route, "description"),
                place.file(),
                place.line());
    }

    private static String field(RouteYaml.Entry route, String name) {
        return RouteYaml.child(route.node(), name).map(RouteYaml::text).orElse("");
    }
}
