package org.localav.orchestrator.route;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.Route;
import org.apache.camel.impl.DefaultCamelContext;
import org.localav.orchestrator.spec.InvalidSpecException;
import org.localav.orchestrator.spec.Violation;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** Tells whether the routes of a folder hold together, as sentences with places. */
public final class RouteCheck {
    private RouteCheck() {}

    /** Checks and starts the routes; a broken set leaves nothing running. */
    static Generation start(int number, RouteFolder routes, Consumer<CamelContext> prepare)
            throws InvalidSpecException {
        List<RouteYaml> files = read(routes);
        refuse(textFaults(files));
        DefaultCamelContext context = Generation.context("jobs-" + number, prepare);
        try {
            Generation generation = Generation.start(number, routes, context);
            List<Violation> faults = danglingReferences(files, context);
            if (!faults.isEmpty()) {
                generation.releaseAndWait();
            }
            refuse(faults);
            return generation;
        } catch (InvalidSpecException e) {
            throw e;
        } catch (Exception | LinkageError e) {
            Violation fault = new RouteFault(files, context).of(e);
            context.stop();
            throw new InvalidSpecException(List.of(fault));
        }
    }

    static List<RouteYaml> read(RouteFolder routes) {
        return routes.texts().entrySet().stream()
                .map(e -> RouteYaml.read(routes.label(e.getKey()), e.getValue()))
                .toList();
    }

    /** What the text alone shows: no YAML, no list, a route twice. */
    static List<Violation> textFaults(List<RouteYaml> files) {
        List<Violation> faults = new ArrayList<>();
        files.forEach(file -> faults.addAll(file.faults()));
        Map<String, Violation> ids = new HashMap<>();
        Map<String, Violation> froms = new HashMap<>();
        for (RouteYaml file : files) {
            for (RouteYaml.Entry route : file.routes()) {
                Node from = RouteYaml.child(route.node(), "from").orElse(null);
                RouteYaml.child(route.node(), "id")
                        .flatMap(id -> twice(ids, file, id, "route id '" + route.id() + "'"))
                        .ifPresent(faults::add);
                Optional.ofNullable(from)
                        .flatMap(RouteYaml::direct)
                        .flatMap(name -> twice(froms, file, from, "from 'direct:" + name + "'"))
                        .ifPresent(faults::add);
            }
        }
        return faults;
    }

    private static Optional<Violation> twice(Map<String, Violation> seen, RouteYaml file, Node node, String what) {
        Violation here = file.at(node, "", "");
        Violation first = seen.putIfAbsent(what, here);
        return first == null
                ? Optional.empty()
                : Optional.of(file.at(node, "", what + " is already taken at " + first.file() + ":" + first.line()));
    }

    /** Camel starts a route that sends to a {@code direct:} nobody reads, and fails the first job that gets there. */
    static List<Violation> danglingReferences(List<RouteYaml> files, CamelContext context) {
        Set<String> read = new HashSet<>();
        context.getRoutes().stream()
                .map(Route::getEndpoint)
                .map(RouteCheck::directName)
                .forEach(read::add);
        List<Violation> faults = new ArrayList<>();
        for (Endpoint endpoint : context.getEndpoints()) {
            String name = directName(endpoint);
            if (!name.isEmpty() && !read.contains(name)) {
                faults.add(dangling(files, name, read));
            }
        }
        return faults;
    }

    private static Violation dangling(List<RouteYaml> files, String name, Set<String> read) {
        String sentence = "no route begins with 'direct:" + name + "'" + Names.nearest(name, read);
        for (RouteYaml file : files) {
            Optional<ScalarNode> found = RouteYaml.find(
                    file.root(),
                    text -> text.equals(name) || text.replaceAll("\\?.*", "").equals("direct:" + name));
            if (found.isPresent()) {
                return file.at(found.get(), "", sentence);
            }
        }
        return new Violation("routes", 0, 0, "", sentence);
    }

    private static String directName(Endpoint endpoint) {
        String uri = endpoint.getEndpointUri();
        return uri.startsWith("direct:") ? uri.replaceAll("^direct:(//)?|\\?.*", "") : "";
    }

    private static void refuse(List<Violation> faults) throws InvalidSpecException {
        if (!faults.isEmpty()) {
            throw new InvalidSpecException(faults);
        }
    }
}
