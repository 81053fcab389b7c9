package org.localav.orchestrator.process;

/**
 * What one program may take, so that a hostile file can't take the machine down.
 *
 * @param addressSpace bytes; 0: no limit. 4K x264 needs 1.5 GB
 * @param files open files
 */
public record ProcessLimits(long addressSpace, int files) {
    public static final ProcessLimits DEFAULT = new ProcessLimits(6L << 30, 4096);

    public ProcessLimits withAddressSpace(long bytes) {
        return new ProcessLimits(bytes, files);
    }
}
