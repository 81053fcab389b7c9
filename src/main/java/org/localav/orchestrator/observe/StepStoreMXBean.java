package org.localav.orchestrator.observe;

import java.io.IOException;

/** The step store, for JMX. */
public interface StepStoreMXBean {
    String getFolder();

    /** What it held when a job last ended, and what came since. */
    long getBytes();

    /** Bytes after which the least recently used results go. */
    long getLimitBytes();

    long getEvictedBytes();

    /** Looks through the store now, and removes what is over the limit; gives the bytes that went. */
    long evict() throws IOException;
}
