package org.localav.orchestrator.plan;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Which item of a list became which of a later one: equal items first, wherever they stand, then those about the same
 * thing (a clip of the same asset, a sentence of the same text), then those in the same place between the others.
 *
 * @param pairs place after to place before
 * @param moved places after whose item stood elsewhere relative to most of the others
 */
record Alignment(Map<Integer, Integer> pairs, Set<Integer> moved) {

    /**
     * @param names by which items are told to be the same, where that can be said: the surest first
     */
    static <T> Alignment of(
            List<? extends T> before, List<? extends T> after, List<Function<T, Optional<String>>> names) {
        Map<Integer, Integer> pairs = new LinkedHashMap<>();
        ends(before, after, names.get(0), pairs);
        names.forEach(name -> pair(before, after, name, pairs));
        Set<Integer> standing = standing(after.size(), pairs);
        Set<Integer> moved = new TreeSet<>(pairs.keySet());
        moved.removeAll(standing);
        fill(before.size(), after.size(), standing, pairs);
        return new Alignment(pairs, moved);
    }

    /** Pairs what both lists begin and end with: where several items are equal, those that stand still are not mixed up. */
    private static <T> void ends(
            List<? extends T> before,
            List<? extends T> after,
            Function<T, Optional<String>> name,
            Map<Integer, Integer> pairs) {
        int most = Math.min(before.size(), after.size());
        int head = 0;
        while (head < most && name.apply(before.get(head)).equals(name.apply(after.get(head)))) {
            pairs.put(head, head);
            head++;
        }
        int tail = 1;
        while (tail <= most - head) {
            int old = before.size() - tail;
            int now = after.size() - tail;
            if (!name.apply(before.get(old)).equals(name.apply(after.get(now)))) {
                break;
            }
            pairs.put(now, old);
            tail++;
        }
    }

    /** Pairs what is still single and has the same name, the first with the first. */
    private static <T> void pair(
            List<? extends T> before,
            List<? extends T> after,
            Function<T, Optional<String>> name,
            Map<Integer, Integer> pairs) {
        Map<String, Deque<Integer>> single = new HashMap<>();
        Set<Integer> taken = new TreeSet<>(pairs.values());
        for (int i = 0; i < before.size(); i++) {
            if (!taken.contains(i)) {
                int place = i;
                name.apply(before.get(i)).ifPresent(n -> single.computeIfAbsent(n, k -> new ArrayDeque<>())
                        .add(place));
            }
        }
        for (int i = 0; i < after.size(); i++) {
            if (!pairs.containsKey(i)) {
                Deque<Integer> same =
                        single.getOrDefault(name.apply(after.get(i)).orElse(null), new ArrayDeque<>());
                if (!same.isEmpty()) {
                    pairs.put(i, same.poll());
                }
            }
        }
    }

    /** The most pairs that keep their order among each other: the others are those that moved. */
    private static Set<Integer> standing(int size, Map<Integer, Integer> pairs) {
        List<Integer> places = new ArrayList<>(new TreeSet<>(pairs.keySet()));
        int[] ends = new int[places.size()];
        int[] back = new int[places.size()];
        int length = 0;
        for (int i = 0; i < places.size(); i++) {
            int value = pairs.get(places.get(i));
            int[] values = new int[length];
            for (int j = 0; j < length; j++) {
                values[j] = pairs.get(places.get(ends[j]));
            }
            int found = Arrays.binarySearch(values, value);
            int at = found < 0 ? -found - 1 : found;
            back[i] = at == 0 ? -1 : ends[at - 1];
            ends[at] = i;
            length = Math.max(length, at + 1);
        }
        Set<Integer> standing = new TreeSet<>();
        for (int i = length == 0 ? -1 : ends[length - 1]; i >= 0; i = back[i]) {
            standing.add(places.get(i));
        }
        return standing;
    }

    /** Pairs single items that stand between the same two neighbours, in their order. */
    private static void fill(int before, int after, Set<Integer> standing, Map<Integer, Integer> pairs) {
        Set<Integer> taken = new TreeSet<>(pairs.values());
        int next = 0;
        for (int i = 0; i < after; i++) {
            if (standing.contains(i)) {
                next = pairs.get(i) + 1;
            } else if (!pairs.containsKey(i)) {
                int end = end(i, after, before, standing, pairs);
                while (next < end && taken.contains(next)) {
                    next++;
                }
                if (next < end) {
                    pairs.put(i, next);
                    next++;
                }
            }
        }
    }

    private static int end(int from, int after, int before, Set<Integer> standing, Map<Integer, Integer> pairs) {
        for (int i = from + 1; i < after; i++) {
            if (standing.contains(i)) {
                return pairs.get(i);
            }
        }
        return before;
    }
}
