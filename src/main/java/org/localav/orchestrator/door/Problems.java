package org.localav.orchestrator.door;

import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers with problems: what routes call {@code httpProblems}, and what the router does where no route fits. */
public final class Problems {
    private static final Logger LOG = LoggerFactory.getLogger(Problems.class);
    private static final Pattern PARAMETER = Pattern.compile(":\\w+");

    Problems() {}

    /** The answer to a request whose route ended in an exception. */
    public void answer(Exchange exchange) {
        Problem problem = Problem.of(exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class));
        Answer.bytes(exchange, problem.status(), Problem.MEDIA_TYPE, problem.json(), problem.headers());
    }

    void mount(Router router) {
        Map<Integer, Function<RoutingContext, Problem>> answers = Map.of(
                400, context -> Problem.badRequest(reason(context)),
                404, context -> Problem.nothingHere(context.normalizedPath()),
                405, context -> Problem.wrongMethod(context.request().method().name(), allowed(router, context)),
                406, context -> Problem.notAcceptable(),
                413, context -> Problem.tooLarge(),
                415,
                        context -> Problem.mediaType(
                                Optional.ofNullable(context.request().getHeader("Content-Type"))
                                        .orElse("")),
                417, context -> Problem.badRequest("the only expectation that can be met is 'Expect: 100-continue'"),
                500, context -> Problem.of(context.failure()));
        // What the reader of bodies says when a client leaves before it has sent all: nobody is there to be answered.
        router.errorHandler(200, context -> LOG.debug("a client left", context.failure()));
        answers.forEach((status, problem) ->
                router.errorHandler(status, context -> problem.apply(context).answer(context)));
    }

    private static String reason(RoutingContext context) {
        String said = context.failure() == null ? null : context.failure().getMessage();
        return said == null ? "the request can't be read" : said;
    }

    private static String allowed(Router router, RoutingContext context) {
        TreeSet<String> methods = new TreeSet<>();
        for (Route route : router.getRoutes()) {
            if (route.getPath() != null
                    && route.methods() != null
                    && pattern(route.getPath())
                            .matcher(context.normalizedPath())
                            .matches()) {
                route.methods().stream().map(HttpMethod::name).forEach(methods::add);
            }
        }
        return String.join(", ", methods);
    }

    private static Pattern pattern(String path) {
        return Pattern.compile(PARAMETER.matcher(path).replaceAll("[^/]+"));
    }
}
