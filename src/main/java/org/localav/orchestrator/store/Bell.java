package org.localav.orchestrator.store;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * What wakes the nodes of a shared store when there is something new in it. It is a hint: who waits looks now and then all
 * the same, and a ring that is lost, or one too many, changes nothing but the time.
 */
public interface Bell extends AutoCloseable {
    /** Waits until it rings, at most so long; what rang since the last call counts. */
    void await(Duration longest) throws InterruptedException;

    /** Tells all nodes that there is something new in the store; returns at once and throws nothing. */
    void ring();

    /** Tells the other nodes what is worth nothing later, such as how far a stage is; returns at once and throws nothing. */
    void tell(String words);

    /** Who is told what other nodes tell, from the thread that listens. */
    void listen(Consumer<String> listener);

    /** That so many jobs of a kind wait; at most one node is given each such note, so that one job wakes one node. */
    default void offer(Line line, int jobs) {}

    /**
     * Whether it is this node's turn to look for a job.
     *
     * @param mine whether jobs with these labels may start here
     */
    default boolean turn(java.util.function.Predicate<List<String>> mine) {
        return true;
    }

    /** Makes up for notes that were lost, from what the store says. */
    default void refill(java.util.function.Supplier<java.util.Map<Line, Integer>> waiting) {}

    @Override
    void close();

    /** Jobs that wait for the same: their labels, and their priority as one of three bands. */
    record Line(List<String> labels, int band) {
        public Line {
            labels = List.copyOf(labels);
        }

        /** @param priority 0 to 9 */
        public static Line of(List<String> labels, int priority) {
            return new Line(labels, priority < 4 ? 0 : priority < 7 ? 1 : 2);
        }
    }
}
