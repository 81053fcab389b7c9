package org.localav.orchestrator.plan;

import java.util.List;
import java.util.Map;
import org.localav.orchestrator.ffmpeg.Command;
import org.localav.orchestrator.ffmpeg.Source;

/**
 * What a step does, as data: all that determines its result, and nothing else (no path, no index, no job id, no figure
 * measured by a probe). The key is taken over {@link #kind}, {@link #revision} and {@link #canonical}.
 */
public interface Recipe {
    /** {@code speech}, {@code mix}, {@code master}, {@code segment}, {@code join} or {@code mux}. */
    String kind();

    /**
     * The recipe as a tree of maps, lists, strings, numbers and booleans for the key; sources by their {@link Source#id}.
     * Durations as whole microseconds.
     */
    Map<String, Object> canonical();

    /**
     * To be raised when a newer version of this program makes another result of the same recipe, so that what an older one
     * left in the step store isn't taken for it. Part of the key.
     */
    default int revision() {
        return 1;
    }

    /** The files it reads; each at most once, in a fixed order. */
    List<Source> sources();

    /** The result's file name ending without the dot. */
    String extension();

    /** What a command needs much of. */
    enum Work {
        LIGHT,
        PROCESSOR,
        GPU
    }

    /** A recipe that is one ffmpeg command. */
    interface Ffmpeg extends Recipe {
        /** File name of the result within the step's folder. */
        default String fileName() {
            return "result." + extension();
        }

        /** The command; the same recipe and facts give the same command. Writes {@link #fileName}. */
        Command command(Facts facts);

        /** What the result must be, checked by probing it before it enters the store. */
        Expectation expectation(Facts facts);

        /** What it burns for long, and so waits for a slot of; copies, probes and sound wait for nothing. */
        default Work work() {
            return Work.LIGHT;
        }
    }
}
