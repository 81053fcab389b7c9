package org.localav.orchestrator.route;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.FailedToCreateRouteException;
import org.apache.camel.FailedToStartRouteException;
import org.apache.camel.NoSuchBeanException;
import org.apache.camel.NoSuchEndpointException;
import org.apache.camel.NoSuchLanguageException;
import org.apache.camel.PropertyBindingException;
import org.apache.camel.language.simple.types.SimpleIllegalSyntaxException;
import org.apache.camel.util.ObjectHelper;
import org.localav.orchestrator.spec.Violation;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/**
 * Puts an exception of Camel into one sentence with a place. Camel says in which route it failed but not on which line,
 * so the line is that of the name it complains about, inside that route.
 */
final class RouteFault {
    private static final Pattern UNKNOWN_PARAMETERS = Pattern.compile("Unknown parameters=\\[\\{(.*?)}]");
    private static final Pattern NO_PLACEHOLDER = Pattern.compile("Property with key \\[(.*?)] not found");
    private static final Pattern NOT_IN_REGISTRY = Pattern.compile(
            "(?:Registry with name: |ExecutorServiceRef )#?(\\S+)|(?:Reference|ref) #?(\\S+) not found");
    private static final Pattern PLACE = Pattern.compile("in (\\S+), line (\\d+), column (\\d+)");

    private final Collection<RouteYaml> files;
    private final CamelContext context;

    RouteFault(Collection<RouteYaml> files, CamelContext context) {
        this.files = files;
        this.context = context;
    }

    Violation of(Throwable thrown) {
        List<Throwable> causes = new ArrayList<>();
        for (Throwable t = thrown; t != null && causes.size() < 20; t = t.getCause()) {
            causes.add(t);
        }
        String routeId = routeId(thrown);
        Collections.reverse(causes);
        return causes.stream()
                .flatMap(cause -> known(cause, routeId).stream())
                .findFirst()
                .orElseGet(() -> plain(causes.get(0), routeId));
    }

    private Optional<Violation> known(Throwable cause, String routeId) {
        String message = String.valueOf(cause.getMessage());
        if (cause instanceof NoSuchBeanException e) {
            return Optional.of(noBean(e.getName(), routeId));
        }
        if (cause instanceof NoSuchEndpointException e) {
            String scheme = e.getUri().replaceAll(":.*", "");
            return Optional.of(place(
                    routeId,
                    text -> text.equals(scheme) || text.startsWith(scheme + ":"),
                    "no component '" + scheme + "'" + Names.nearest(scheme, components())));
        }
        if (cause instanceof NoSuchLanguageException e) {
            return Optional.of(place(
                    routeId,
                    e.getLanguage()::equals,
                    "no expression language '" + e.getLanguage()
                            + "'; use simple, constant, header, exchangeProperty or method"));
        }
        if (cause instanceof PropertyBindingException e && !(cause.getCause() instanceof NoSuchBeanException)) {
            return Optional.of(place(
                    routeId,
                    String.valueOf(e.getPropertyName())::equals,
                    "'" + e.getValue() + "' doesn't fit the parameter '" + e.getPropertyName() + "'"));
        }
        if (cause instanceof SimpleIllegalSyntaxException e && e.getExpression() != null) {
            return Optional.of(place(
                    routeId,
                    e.getExpression()::equals,
                    "this expression isn't one of 'simple': "
                            + message.lines().findFirst().orElse("").strip()));
        }
        Matcher unknown = UNKNOWN_PARAMETERS.matcher(message);
        if (unknown.find()) {
            return Optional.of(unknownParameter(unknown.group(1).replaceAll("=.*", ""), message, routeId));
        }
        Matcher placeholder = NO_PLACEHOLDER.matcher(message);
        if (placeholder.find()) {
            String key = placeholder.group(1);
            return Optional.of(place(
                    routeId,
                    text -> text.contains("{{" + key),
                    "no setting '" + key + "'" + Names.nearest(key, settings())));
        }
        Matcher reference = NOT_IN_REGISTRY.matcher(message);
        if (reference.find()) {
            return Optional.of(noBean(reference.group(reference.group(1) != null ? 1 : 2), routeId));
        }
        Matcher place = PLACE.matcher(message);
        return place.find() ? Optional.of(placed(place, message)) : Optional.empty();
    }

    private Violation noBean(String name, String routeId) {
        Set<String> beans = new TreeSet<>(
                context.getRegistry().findByTypeWithName(Object.class).keySet());
        Pattern named = Pattern.compile("(?:^#?|bean:|#bean:)" + Pattern.quote(name) + "(?!\\w)");
        return place(
                routeId, text -> named.matcher(text).find(), "no bean '" + name + "'" + Names.nearest(name, beans));
    }

    private Violation unknownParameter(String parameter, String message, String routeId) {
        String scheme = message.replaceAll("(?s).*?endpoint: ([^:]+):.*", "$1");
        Set<String> known = new TreeSet<>();
        var factory = context.getCamelContextExtension().getEndpointUriFactory(scheme);
        if (factory != null) {
            known.addAll(factory.propertyNames());
        }
        return place(
                routeId,
                text -> text.equals(parameter)
                        || text.contains("?" + parameter + "=")
                        || text.contains("&" + parameter + "="),
                "'" + scheme + "' has no parameter '" + parameter + "'" + Names.nearest(parameter, known));
    }

    private Violation plain(Throwable root, String routeId) {
        String message = root.getMessage() == null ? root.toString() : root.getMessage();
        if (root instanceof ClassNotFoundException) {
            return place(routeId, message::equals, "there is no class '" + message + "'");
        }
        String sentence = message.lines().findFirst().orElse(root.toString()).strip();
        return place(routeId, text -> false, sentence);
    }

    private Violation placed(Matcher place, String message) {
        String label = files.stream()
                .map(RouteYaml::label)
                .filter(name -> name.endsWith(place.group(1)))
                .findFirst()
                .orElse(place.group(1));
        return new Violation(
                label,
                Integer.parseInt(place.group(2)),
                Integer.parseInt(place.group(3)),
                "",
                message.lines().findFirst().orElse("").strip());
    }

    /** In the route Camel named if the text is there, else anywhere (a route configuration, say), else the route's id. */
    private Violation place(String routeId, Predicate<String> fits, String sentence) {
        String said = routeId.isEmpty() ? sentence : "route '" + routeId + "': " + sentence;
        for (RouteYaml file : files) {
            for (RouteYaml.Entry route : file.routes()) {
                Optional<ScalarNode> found =
                        route.id().equals(routeId) ? RouteYaml.find(route.node(), fits) : Optional.empty();
                if (found.isPresent()) {
                    return file.at(found.get(), "", said);
                }
            }
        }
        return anywhere(fits, sentence)
                .or(() -> anywhere(routeId::equals, said))
                .orElseGet(() -> new Violation(
                        files.size() == 1 ? files.iterator().next().label() : "routes", 0, 0, "", said));
    }

    private Optional<Violation> anywhere(Predicate<String> fits, String sentence) {
        for (RouteYaml file : files) {
            Node root = file.root();
            Optional<ScalarNode> found = root == null ? Optional.empty() : RouteYaml.find(root, fits);
            if (found.isPresent()) {
                return Optional.of(file.at(found.get(), "", sentence));
            }
        }
        return Optional.empty();
    }

    /** The route that failed, "" when Camel doesn't say. */
    static String routeId(Throwable thrown) {
        var created = ObjectHelper.getException(FailedToCreateRouteException.class, thrown);
        var started = ObjectHelper.getException(FailedToStartRouteException.class, thrown);
        String id = created != null ? created.getRouteId() : started != null ? started.getRouteId() : null;
        return id == null ? "" : id;
    }

    private Set<String> settings() {
        Properties properties = context.getPropertiesComponent().loadProperties();
        return new TreeSet<>(properties.stringPropertyNames());
    }

    /** Every Camel jar lists its components in a file of the same name. */
    private static Set<String> components() {
        Set<String> names = new TreeSet<>();
        try {
            for (URL url : Collections.list(RouteFault.class
                    .getClassLoader()
                    .getResources("META-INF/services/org/apache/camel/component.properties"))) {
                Properties properties = new Properties();
                try (var in = url.openStream()) {
                    properties.load(in);
                }
                names.addAll(
                        Arrays.asList(properties.getProperty("components", "").split("\\s+")));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        names.remove("");
        return names;
    }
}
