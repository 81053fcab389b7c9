package org.localav.orchestrator.plan;

import org.localav.orchestrator.ffmpeg.Source;
import org.localav.orchestrator.media.MediaInfo;

/**
 * What a command may depend on besides its recipe: facts that follow from the contents its sources stand for. While
 * planning, results that don't exist yet are estimated.
 */
public interface Facts {
    /** Facts of an asset's file. */
    MediaInfo media(Source.AssetFile asset);

    /** Facts of an earlier step's result, or an estimate of them when it has not run. */
    Measured measured(Source.StepResult result);
}
