package org.localav.orchestrator.preset;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.localav.orchestrator.spec.Suggestion;

/**
 * Which of ffmpeg's options a preset may set: those that say how an encoder or muxer works, none that names a file, adds an
 * input or output, cuts or filters, for that is the plan's business.
 */
final class OptionRules {
    private static final Pattern NAME = Pattern.compile("([a-z][a-z0-9_-]*)(?::([va])(?::[0-9])?)?");
    private static final Pattern VALUE = Pattern.compile("[A-Za-z0-9_+.,:=/#%()-]{1,500}");

    private static final Set<String> PLANS = Set.of(
            "i f map map_metadata map_chapters map_channel filter filter_complex filter_script filter_complex_script lavfi vf"
                    .concat(
                            " af vn an sn dn t ss to sseof y n pass passlogfile stats attach dump_attachment report threads")
                    .concat(
                            " filter_threads filter_complex_threads init_hw_device filter_hw_device progress vstats stdin re")
                    .concat(" readrate stream_loop itsoffset itsscale fs frames vframes aframes shortest copyts")
                    .concat(" timestamp metadata program disposition vpre apre spre fpre pre vsync fps_mode async")
                    .concat(" protocol_whitelist format_whitelist xerror debug loglevel v dump hex vcodec acodec codec")
                    .split(" "));
    private static final Pattern NAMES_A_FILE = Pattern.compile(
            ".*(_file|-file|filename|path|url|_dir|script)$|.*(fifo|hls|segment|tee|hwaccel|key_info|encryption).*");
    private static final Map<String, String> INSTEAD =
            Map.of("s", "size: 1280x720", "r", "fps: 30", "vf", "filters in the spec", "af", "gains in the spec");

    /** Options of both kinds of encoder: without a stream they would reach the other one too. */
    private static final Set<String> OF_BOTH = Set.of("c", "b", "q", "profile", "bsf", "tag");

    private static final Set<String> ENCODER_PARAMETERS = Set.of(
            "x264-params", "x264opts", "x265-params", "svtav1-params", "aom-params", "rav1e-params", "kvazaar-params");
    private static final Set<String> PARAMETER_NAMES = Set.of(
            "open-gop open_gop keyint min-keyint scenecut bframes b-adapt b-pyramid ref rc-lookahead lookahead subme me"
                    .concat(
                            " merange trellis weightb weightp aq-mode aq-strength psy-rd psy-rdoq deblock cabac no-sao sao")
                    .concat(" repeat-headers aud hrd nal-hrd vbv-maxrate vbv-bufsize crf qp qmin qmax level level-idc")
                    .concat(" profile tier log-level log info pools frame-threads wpp no-wpp colorprim transfer")
                    .concat(" colormatrix range chromaloc hdr10 hdr-opt master-display max-cll tune preset film-grain")
                    .concat(" film-grain-denoise enable-overlays scd tile-rows tile-columns fast-decode enable-qm lp")
                    .concat(" irefresh-type pin threads sliced-threads slices stitchable force-cfr")
                    .split(" "));

    private OptionRules() {}

    /**
     * What is wrong with an option, as the end of a sentence that begins with its name.
     *
     * @param kind {@code v} or {@code a} for an encoder's option, empty for a muxer's
     */
    static Optional<String> wrongName(String option, String kind) {
        Matcher name = NAME.matcher(option);
        if (!name.matches()) {
            return Optional.of(Suggestion.quote(option)
                    + " is no ffmpeg option; write its name without the dash, as in crf or b:v");
        }
        String base = name.group(1);
        String stream = name.group(2) == null ? "" : name.group(2);
        if (INSTEAD.containsKey(base) && stream.isEmpty()) {
            return Optional.of("'" + option + "' is not the preset's to set; write " + INSTEAD.get(base));
        }
        if (PLANS.contains(base) || NAMES_A_FILE.matcher(base).matches()) {
            return Optional.of(
                    "'" + option + "' is not allowed in a preset: it names files or is the plan's to decide");
        }
        if (!stream.isEmpty() && !stream.equals(kind)) {
            return Optional.of("'" + option + "' belongs to " + (stream.equals("v") ? "video" : "audio"));
        }
        if (stream.isEmpty() && !kind.isEmpty() && OF_BOTH.contains(base)) {
            return Optional.of("'" + option + "' would count for picture and sound; write " + base + ":" + kind);
        }
        return Optional.empty();
    }

    static Optional<String> wrongValue(String option, String value) {
        if (!VALUE.matcher(value).matches() || value.startsWith("/") || value.contains("//")) {
            return Optional.of(Suggestion.quote(value)
                    + " is no value of an encoder's option: letters, digits and _+.,:=/#%()-" + " only, and no path");
        }
        if (ENCODER_PARAMETERS.contains(option)) {
            for (String parameter : List.of(value.split(":"))) {
                String name = parameter.split("=")[0];
                if (!PARAMETER_NAMES.contains(name)) {
                    return Optional.of(
                            "the parameter '" + name + "' is not allowed" + Suggestion.of(name, PARAMETER_NAMES));
                }
            }
        }
        return Optional.empty();
    }
}
