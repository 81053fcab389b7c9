package org.localav.orchestrator.observe;

import java.util.List;
import java.util.Map;

/** The job queue, for JMX. What can't be done is an {@link IllegalStateException} with a sentence. */
public interface QueueMXBean {
    /** running, paused or suspended. */
    String getMode();

    long getQueued();

    Map<Integer, Long> getQueuedByPriority();

    int getRunning();

    /** How many jobs may run at once. */
    int getConcurrent();

    /** Messages to webhooks that are still to be delivered. */
    long getPendingMessages();

    /** Jobs that run or wait, a line each; those that run first. */
    List<String> jobs(int atMost);

    /** Lets no further job start; running ones go on. */
    void pause();

    /** As pause, and the programs of running jobs stand still. */
    void suspend();

    /** Lets jobs start, and programs go on. */
    void resume();

    /** Lets a job that waits start earlier (9) or later (0) than others; gives its priority. */
    int prioritise(String id, int priority);

    /** Ends a job that waits or runs; gives its status. */
    String cancel(String id);

    /** Puts a failed or cancelled job into the queue again; gives its status. */
    String retry(String id);
}
