package org.localav.orchestrator.ffmpeg;

/** Where a command reads from, named by content and not by place: the same content is the same source anywhere. */
public sealed interface Source {
    /** What stands for this source in a key: {@code sha256:...} or {@code step:...}. */
    String id();

    /** An asset's file, by the SHA-256 (64 hex digits) of its bytes; {@code alias} is its name in the spec. */
    record AssetFile(String sha256, String alias) implements Source {
        @Override
        public String id() {
            return "sha256:" + sha256;
        }
    }

    /** The result of the step with this key. */
    record StepResult(String key) implements Source {
        @Override
        public String id() {
            return "step:" + key;
        }
    }
}
