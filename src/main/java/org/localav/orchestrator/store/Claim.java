package org.localav.orchestrator.store;

/**
 * The right to run a job: every change of a running job carries the token, and changes nothing once it is stale.
 *
 * @param spec the spec's text
 */
public record Claim(JobRow job, String spec, String token) {}
