package org.localav.orchestrator.plan;

import java.time.Duration;
import java.util.List;
import org.localav.orchestrator.ffmpeg.Source;

/** Finds the key frames of an asset's picture; asked only where a part of it is to be copied, since it reads the file. */
@FunctionalInterface
public interface Keyframes {
    /** When they are shown, from the file's start, in order. */
    List<Duration> of(Source.AssetFile asset);
}
