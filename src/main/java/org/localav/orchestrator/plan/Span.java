package org.localav.orchestrator.plan;

import java.util.Map;

/**
 * One clip's stretch of the picture's time line. Its length is whole frames, and may hang on how long a file is, so the
 * number is known only with {@link Facts} while the stretch itself is plain data for a key.
 */
public interface Span {
    /** How many frames of the finished picture the clip fills. */
    long frames(Facts facts);

    /** What determines {@link #frames}, as a tree for the key. */
    Map<String, Object> canonical();
}
