package org.localav.orchestrator.service;

/**
 * How far a stage of a running job is; told live and kept nowhere.
 *
 * @param done 0 to 1
 * @param speed multiple of the playing time; 0 when unknown
 */
public record Progress(String jobId, String stage, double done, double speed) {}
