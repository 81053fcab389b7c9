package org.localav.orchestrator.audit;

import java.util.Map;

/** Writes down who did what. Details hold names, hashes and ids; never a text, a secret, or what gives access. */
@FunctionalInterface
public interface Audit {
    /** Keeps nothing, for where no state is written. */
    Audit NONE = (what, job, details) -> {};

    /**
     * Writes down, in the name of the thread's caller, what has just been done; on return it is on the disk, or will be as
     * soon as that can be written.
     *
     * @param what in one word, such as {@code accepted}
     * @param job its id; empty when it concerns none
     * @param details strings, numbers, lists and maps of them, in the order they are to stand
     */
    void wrote(String what, String job, Map<String, ?> details);
}
