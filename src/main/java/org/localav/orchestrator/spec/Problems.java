package org.localav.orchestrator.spec;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects what is wrong in one file, so that all of it is reported at once and in file order. */
final class Problems {
    private static final int REPORTED = 100;

    private final String file;
    private final List<Violation> found = new ArrayList<>();

    Problems(String file) {
        this.file = file;
    }

    void add(Place place, String path, String message) {
        found.add(new Violation(file, place.line(), place.column(), path, message));
    }

    boolean isEmpty() {
        return found.isEmpty();
    }

    /** Whether something was already said about the value at {@code path}. */
    boolean mention(String path) {
        return found.stream().anyMatch(violation -> violation.path().equals(path));
    }

    /** In file order; after the first hundred only their number. */
    List<Violation> inOrder() {
        List<Violation> sorted = new ArrayList<>(found);
        sorted.sort(Comparator.comparingInt(Violation::line).thenComparingInt(Violation::column));
        if (sorted.size() > REPORTED) {
            int more = sorted.size() - REPORTED;
            sorted.subList(REPORTED, sorted.size()).clear();
            sorted.add(new Violation(file, 0, 0, "", "and " + more + " more; mend these first"));
        }
        return sorted;
    }

    void check() throws InvalidSpecException {
        if (!found.isEmpty()) {
            throw new InvalidSpecException(inOrder());
        }
    }

    InvalidSpecException fatal(Place place, String message) {
        add(place, "", message);
        return new InvalidSpecException(inOrder());
    }
}
