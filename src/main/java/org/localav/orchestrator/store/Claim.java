package org.localav.orchestrator.store;

import java.util.Optional;

/**
 * The right to run a job: every change of a running job carries the token, and changes nothing once it is stale.
 *
 * @param spec the spec's text
 * @param publication what an earlier run was about to put in place when it was interrupted; it must be undone first
 */
public record Claim(JobRow job, String spec, String token, Optional<String> publication) {}
