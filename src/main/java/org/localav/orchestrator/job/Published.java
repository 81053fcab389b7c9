package org.localav.orchestrator.job;

import java.nio.file.Path;
import org.localav.orchestrator.plan.Measured;

/**
 * A finished file at its place.
 *
 * @param already whether it stood there before, the same to the byte, and was left alone
 */
public record Published(Path file, String preset, String sha256, long bytes, Measured measured, boolean already) {}
