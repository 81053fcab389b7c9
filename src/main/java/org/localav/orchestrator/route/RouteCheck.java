package org.localav.orchestrator.route;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.FailedToCreateRouteException;
import org.apache.camel.FailedToStartRouteException;
import org.apache.camel.Route;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.util.ObjectHelper;
import org.localav.orchestrator.spec.InvalidSpecException;
import org.localav.orchestrator.spec.Violation;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/**
 * Tells whether the routes of a folder hold together, as sentences with places: what the text shows, what Camel's schema
 * says, and what Camel says when it builds every route without starting one.
 */
public final class RouteCheck {
    private static final int MAX_BUILDS = 20;
    private static final Comparator<Violation> IN_FILE_ORDER = Comparator.comparing(Violation::file)
            .thenComparingInt(Violation::line)
            .thenComparingInt(Violation::column);

    private RouteCheck() {}

    /**
     * @param faults why the routes can't run
     * @param warnings what makes them hard to read or to draw
     */
    public record Findings(int files, int routes, List<Violation> faults, List<Violation> warnings) {
        public Findings {
            faults = faults.stream().sorted(IN_FILE_ORDER).toList();
            warnings = warnings.stream().sorted(IN_FILE_ORDER).toList();
        }

        public boolean valid() {
            return faults.isEmpty();
        }
    }

    /**
     * Checks a whole folder, doors and job routes each in a context of their own, as they run. Takes some seconds.
     *
     * @param prepare as for {@link RouteGenerations}; it must bind the beans of both sets
     */
    public static Findings check(Path folder, Consumer<CamelContext> prepare) {
        return check(folder, prepare, new RouteSchema());
    }

    static Findings check(Path folder, Consumer<CamelContext> prepare, RouteSchema schema) {
        RouteFolder all;
        try {
            all = RouteFolder.read(folder);
        } catch (InvalidSpecException e) {
            return new Findings(0, 0, e.violations(), List.of());
        }
        if (all.isEmpty()) {
            return new Findings(0, 0, List.of(noRoutes(folder)), HouseRules.strayFiles(all));
        }
        List<Violation> faults = new ArrayList<>();
        List<Violation> warnings = new ArrayList<>(HouseRules.strayFiles(all));
        int routes = 0;
        for (RouteFolder set : List.of(all.work(), all.doors())) {
            List<RouteYaml> files = read(set);
            List<Violation> seen = staticFaults(files, schema);
            faults.addAll(seen);
            faults.addAll(
                    buildFaults(set, files, seen.stream().map(Violation::file).collect(Collectors.toSet()), prepare));
            warnings.addAll(HouseRules.of(files));
            routes += files.stream().mapToInt(file -> file.routes().size()).sum();
        }
        HouseRules.readTwice(read(all.work())).forEach(warnings::add);
        return new Findings(all.texts().size(), routes, faults, warnings);
    }

    /** Checks and starts job routes; a broken set leaves nothing running. */
    static Generation start(int number, RouteFolder routes, boolean managed, Consumer<CamelContext> prepare)
            throws InvalidSpecException {
        if (routes.isEmpty()) {
            throw new InvalidSpecException(List.of(noRoutes(routes.folder())));
        }
        List<RouteYaml> files = read(routes);
        if (!textFaults(files).isEmpty()) {
            throw new InvalidSpecException(staticFaults(files, new RouteSchema()));
        }
        DefaultCamelContext context = Generation.context("jobs-" + number, managed, prepare);
        List<Violation> faults;
        try {
            Generation generation = Generation.start(number, routes, context);
            faults = danglingReferences(files, context);
            if (faults.isEmpty()) {
                return generation;
            }
        } catch (Exception | LinkageError e) {
            faults = explain(e, files, context);
        }
        context.stop();
        throw new InvalidSpecException(faults);
    }

    /**
     * Loads routes into a context that the caller starts.
     *
     * @throws InvalidSpecException with the place of every fault
     */
    public static void load(RouteFolder routes, DefaultCamelContext context) throws InvalidSpecException {
        List<RouteYaml> files = read(routes);
        if (!textFaults(files).isEmpty()) {
            throw new InvalidSpecException(staticFaults(files, new RouteSchema()));
        }
        try {
            Generation.load(context, routes);
        } catch (Exception | LinkageError e) {
            throw new InvalidSpecException(explain(e, files, context));
        }
    }

    /** Why a context with these routes could not be started, with the place. */
    public static InvalidSpecException notStarted(RouteFolder routes, DefaultCamelContext context, Exception thrown) {
        return new InvalidSpecException(explain(thrown, read(routes), context));
    }

    /** Camel stops at its first fault in a text, without a route's name; the schema sees them all. */
    private static List<Violation> explain(Throwable thrown, List<RouteYaml> files, CamelContext context) {
        boolean textIsRead = ObjectHelper.getException(FailedToCreateRouteException.class, thrown) != null
                || ObjectHelper.getException(FailedToStartRouteException.class, thrown) != null;
        List<Violation> seen = textIsRead ? List.of() : staticFaults(files, new RouteSchema());
        return seen.isEmpty() ? List.of(new RouteFault(files, context).of(thrown)) : seen;
    }

    private static Violation noRoutes(Path folder) {
        return new Violation(
                folder.toString(), 0, 0, "", "holds no routes of a job; they are files named *" + RouteFolder.SUFFIX);
    }

    static List<RouteYaml> read(RouteFolder routes) {
        return routes.texts().entrySet().stream()
                .map(e -> RouteYaml.read(routes.label(e.getKey()), e.getValue()))
                .toList();
    }

    private static List<Violation> staticFaults(List<RouteYaml> files, RouteSchema schema) {
        List<Violation> faults = new ArrayList<>();
        for (RouteYaml file : files) {
            List<Violation> seen = file.faults().isEmpty() ? schema.faults(file) : file.faults();
            faults.addAll(seen.isEmpty() ? file.routesWithoutFrom() : seen);
        }
        faults.addAll(doubles(files));
        return faults;
    }

    /** What the text alone shows in milliseconds: no YAML, no list, a route twice. */
    private static List<Violation> textFaults(List<RouteYaml> files) {
        List<Violation> faults = new ArrayList<>(doubles(files));
        for (RouteYaml file : files) {
            faults.addAll(file.faults().isEmpty() ? file.routesWithoutFrom() : file.faults());
        }
        return faults;
    }

    /** Camel would replace the first of two routes with the same id in silence. */
    private static List<Violation> doubles(List<RouteYaml> files) {
        List<Violation> faults = new ArrayList<>();
        Map<String, Violation> seen = new HashMap<>();
        for (RouteYaml file : files) {
            for (RouteYaml.Entry route : file.routes()) {
                RouteYaml.child(route.node(), "id")
                        .flatMap(id -> twice(seen, file, id, "route id '" + route.id() + "'"))
                        .ifPresent(faults::add);
                Optional<Node> from = RouteYaml.child(route.node(), "from");
                from.flatMap(RouteYaml::direct)
                        .flatMap(name -> twice(seen, file, from.get(), "from 'direct:" + name + "'"))
                        .ifPresent(faults::add);
            }
        }
        return faults;
    }

    private static Optional<Violation> twice(Map<String, Violation> seen, RouteYaml file, Node node, String what) {
        Violation first = seen.putIfAbsent(what, file.at(node, "", ""));
        return first == null
                ? Optional.empty()
                : Optional.of(file.at(node, "", what + " is already taken at " + first.file() + ":" + first.line()));
    }

    /** Camel stops at the first fault, so the route that has it is left out and the rest built again. */
    private static Set<Violation> buildFaults(
            RouteFolder set, List<RouteYaml> files, Set<String> faultyFiles, Consumer<CamelContext> prepare) {
        RouteFolder sound = set.only(name -> !faultyFiles.contains(set.label(name)));
        Set<String> leftOut = new HashSet<>();
        Set<Violation> faults = new LinkedHashSet<>();
        for (int builds = 0; builds < MAX_BUILDS; builds++) {
            DefaultCamelContext context = Generation.context("check", false, prepare);
            try {
                context.setAutoStartup(false);
                Generation.load(context, sound);
                for (String id : leftOut) {
                    context.removeRouteDefinition(context.getRouteDefinition(id));
                }
                context.start();
                faults.addAll(danglingReferences(files, context));
                break;
            } catch (Exception | LinkageError e) {
                boolean news = faults.add(new RouteFault(files, context).of(e));
                if (!news || !leftOut.add(RouteFault.routeId(e))) {
                    break;
                }
            } finally {
                context.stop();
            }
        }
        return faults;
    }

    /**
     * Camel starts a route that sends to a {@code direct:} nobody reads, and fails the first job that gets there. Nothing
     * is said while a file is no YAML: the route may be in there.
     */
    private static List<Violation> danglingReferences(List<RouteYaml> files, CamelContext context) {
        Set<String> read = new HashSet<>();
        for (RouteYaml file : files) {
            if (!file.faults().isEmpty()) {
                return List.of();
            }
            file.routes().forEach(route -> RouteYaml.child(route.node(), "from")
                    .flatMap(RouteYaml::direct)
                    .ifPresent(read::add));
        }
        context.getRoutes().stream()
                .map(Route::getEndpoint)
                .map(RouteCheck::directName)
                .forEach(read::add);
        return context.getEndpoints().stream()
                .map(RouteCheck::directName)
                .filter(name -> !name.isEmpty() && !read.contains(name))
                .map(name -> dangling(files, name, read))
                .toList();
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
}
