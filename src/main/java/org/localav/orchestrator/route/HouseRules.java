package org.localav.orchestrator.route;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.support.PatternHelper;
import org.localav.orchestrator.job.AfterMux;
import org.localav.orchestrator.plan.Stage;
import org.localav.orchestrator.spec.Violation;
import org.snakeyaml.engine.v2.nodes.Node;

/** What keeps a folder of routes readable as the table of contents of the program; Camel would run it either way. */
final class HouseRules {
    private static final Set<String> STAGES =
            Arrays.stream(Stage.values()).map(Stage::id).collect(Collectors.toSet());

    private HouseRules() {}

    static List<Violation> of(List<RouteYaml> files) {
        Set<String> sentTo = new HashSet<>();
        files.forEach(file -> RouteYaml.each(file.root(), text -> sentTo.add(text.getValue())));
        List<String> configured = files.stream()
                .flatMap(file -> file.routes().stream())
                .flatMap(route -> RouteYaml.child(route.node(), "routeConfigurationId").stream())
                .flatMap(names -> Arrays.stream(RouteYaml.text(names).split(",")))
                .toList();
        List<Violation> warnings = new ArrayList<>();
        for (RouteYaml file : files) {
            for (RouteYaml.Entry configuration : file.configurations()) {
                unused(file, configuration, configured).ifPresent(warnings::add);
            }
            for (RouteYaml.Entry route : file.routes()) {
                lacks(file, route).ifPresent(warnings::add);
                strangeStage(file, route, sentTo).ifPresent(warnings::add);
                misplaced(file, route).ifPresent(warnings::add);
            }
            RouteYaml.each(file.root(), text -> queryString(text.getValue())
                    .map(sentence -> file.at(text, "", sentence))
                    .ifPresent(warnings::add));
        }
        return warnings;
    }

    /** While an edit waits for the last job on the old routes, both generations run. */
    static List<Violation> readTwice(List<RouteYaml> jobRoutes) {
        List<Violation> warnings = new ArrayList<>();
        for (RouteYaml file : jobRoutes) {
            for (RouteYaml.Entry route : file.routes()) {
                Optional<Node> uri =
                        RouteYaml.child(route.node(), "from").flatMap(from -> RouteYaml.child(from, "uri"));
                uri.filter(node -> !RouteYaml.text(node).matches("direct(:.*)?"))
                        .map(node -> file.at(
                                node,
                                "",
                                RouteYaml.named(route) + " begins with '" + RouteYaml.text(node)
                                        + "', which would run twice while an edit waits for running jobs; job routes begin"
                                        + " with 'direct:', ways in belong in intake-*" + RouteFolder.SUFFIX))
                        .ifPresent(warnings::add);
            }
        }
        return warnings;
    }

    /** Files that look like routes but are never read. */
    static List<Violation> strayFiles(RouteFolder folder) {
        Predicate<String> stray = name -> name.matches("[^.].*\\.ya?ml") && !name.endsWith(RouteFolder.SUFFIX);
        try (Stream<Path> files = Files.walk(folder.folder(), RouteFolder.MAX_DEPTH)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> stray.test(file.getFileName().toString()))
                    .map(file -> new Violation(
                            file.toString(),
                            0,
                            0,
                            "",
                            "isn't read; route files are named '"
                                    + file.getFileName().toString().replaceAll("(\\.camel)?\\.ya?ml$", "")
                                    + RouteFolder.SUFFIX
                                    + "'"))
                    .toList();
        } catch (IOException e) {
            return List.of(new Violation(folder.folder().toString(), 0, 0, "", "can't be listed: " + e.getMessage()));
        }
    }

    private static Optional<Violation> lacks(RouteYaml file, RouteYaml.Entry route) {
        if (route.id().isEmpty()) {
            return Optional.of(file.at(
                    route.node(), "", "this route has no 'id': metrics, logs and other files name a route by it"));
        }
        return RouteYaml.child(route.node(), "description").isPresent()
                ? Optional.empty()
                : Optional.of(file.at(
                        route.node(), "", RouteYaml.named(route) + " has no 'description' to say what it is for"));
    }

    /** Kaoto gives each configuration an id when it saves; one that was for all routes then is for none. */
    private static Optional<Violation> unused(RouteYaml file, RouteYaml.Entry configuration, List<String> configured) {
        return RouteYaml.child(configuration.node(), "id")
                .filter(id ->
                        configured.stream().noneMatch(name -> PatternHelper.matchPattern(configuration.id(), name)))
                .map(
                        id -> file.at(
                                id,
                                "",
                                "no route names the configuration '" + configuration.id()
                                        + "' as its 'routeConfigurationId', so it holds for none; without an 'id' it holds for all"));
    }

    /** It would not be run: what it does would be part of no key. */
    private static Optional<Violation> misplaced(RouteYaml file, RouteYaml.Entry route) {
        return RouteYaml.child(route.node(), "from")
                .flatMap(RouteYaml::direct)
                .filter(name -> name.startsWith(AfterMux.PREFIX) && !AfterMux.holds(file.label()))
                .map(name -> file.at(
                        route.node(),
                        "",
                        RouteYaml.named(route) + " begins with 'direct:" + name
                                + "' and so must stand in a file named " + AfterMux.PREFIX + "*" + RouteFolder.SUFFIX
                                + "; it is not run"));
    }

    private static Optional<Violation> strangeStage(RouteYaml file, RouteYaml.Entry route, Set<String> sentTo) {
        Optional<Node> group = RouteYaml.child(route.node(), "group")
                .filter(g -> RouteYaml.text(g).equals("stage"));
        boolean reached = STAGES.contains(route.id())
                || RouteYaml.child(route.node(), "from")
                        .flatMap(RouteYaml::direct)
                        .filter(name -> sentTo.contains("direct:" + name) || name.startsWith(AfterMux.PREFIX))
                        .isPresent();
        return reached
                ? Optional.empty()
                : group.map(g -> file.at(
                        g,
                        "",
                        RouteYaml.named(route)
                                + " is a stage that no route sends to; known stages: "
                                + Arrays.stream(Stage.values()).map(Stage::id).collect(Collectors.joining(", "))));
    }

    private static Optional<String> queryString(String uri) {
        return uri.matches("[a-z][a-z0-9+-]*:[^\\s${}]*\\?[\\w.]+=.*")
                        && !uri.startsWith("http:")
                        && !uri.startsWith("https:")
                ? Optional.of("put what follows '?' under 'parameters', one a line")
                : Optional.empty();
    }
}
