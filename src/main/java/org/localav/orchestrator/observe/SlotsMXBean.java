package org.localav.orchestrator.observe;

/** How many jobs and encoders run and may run at once, for JMX. */
public interface SlotsMXBean {
    int getJobs();

    int getJobsUsed();

    int getProcessor();

    int getProcessorUsed();

    int getGpu();

    int getGpuUsed();
}
