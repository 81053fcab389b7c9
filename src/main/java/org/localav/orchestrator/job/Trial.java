package org.localav.orchestrator.job;

import java.time.Duration;

/**
 * A finished output that was decoded on trial before its publication.
 *
 * @param output as the spec names it
 * @param command paste-able
 */
public record Trial(String output, String command, Duration took) {}
