package org.localav.orchestrator.door;

/** A file changed or went away while it was read; what there is then is looked at anew. */
final class UnsettledException extends Exception {
    private static final long serialVersionUID = 1L;
}
