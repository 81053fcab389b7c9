package org.localav.orchestrator.observe;

import java.util.List;

/** Whether jobs can be taken and run, for JMX. */
public interface HealthMXBean {
    boolean isReady();

    /** Why not. */
    List<String> getCauses();

    List<String> getWarnings();
}
