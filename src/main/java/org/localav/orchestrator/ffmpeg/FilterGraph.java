package org.localav.orchestrator.ffmpeg;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A filter graph: chains of filters with labelled ends, as in {@code [0:v]scale=w=1280:h=720[v0]}. */
public record FilterGraph(List<Chain> chains) {
    public FilterGraph {
        chains = List.copyOf(chains);
    }

    /** Filters one after the other; labels without brackets. */
    public record Chain(List<String> from, List<Filter> filters, List<String> to) {
        public Chain {
            from = List.copyOf(from);
            filters = List.copyOf(filters);
            to = List.copyOf(to);
        }

        @Override
        public String toString() {
            return labels(from) + filters.stream().map(Filter::toString).collect(Collectors.joining(",")) + labels(to);
        }

        private static String labels(List<String> labels) {
            return labels.stream().map(l -> "[" + l + "]").collect(Collectors.joining());
        }
    }

    /** Collects chains in order. */
    public static final class Builder {
        private final List<Chain> chains = new ArrayList<>();

        public Builder chain(List<String> from, List<Filter> filters, String... to) {
            chains.add(new Chain(from, filters, List.of(to)));
            return this;
        }

        public FilterGraph build() {
            return new FilterGraph(chains);
        }
    }

    @Override
    public String toString() {
        return chains.stream().map(Chain::toString).collect(Collectors.joining(";"));
    }
}
