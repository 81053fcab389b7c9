package org.localav.orchestrator.ffmpeg;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The filters a spec may name, each option with the values it may take. None of them opens a file or a device, listens,
 * loads code or evaluates an expression that could run for ever; ranges are narrower than ffmpeg's where its own let one
 * filter take minutes for a frame.
 */
final class AllowedFilters {
    /**
     * A line a filter, then its options in the order in which ffmpeg takes them without names: {@code NAME[/ALIAS][!]}
     * (with {@code !} it must be given), {@code =}, and a range of whole numbers ({@code 3..23}), a range of decimal ones
     * ({@code 0.0..1.0}), words ({@code in|out}) or {@code colour}. From a {@code -} on, names are a must: ffmpeg's own order
     * goes on with an option that isn't offered.
     */
    private static final String TABLE =
            """
            eq contrast=-2.0..2.0 brightness=-1.0..1.0 saturation=0.0..3.0 gamma=0.1..10.0 gamma_r=0.1..10.0 \
            gamma_g=0.1..10.0 gamma_b=0.1..10.0 gamma_weight=0.0..1.0
            hue h=-360.0..360.0 s=-10.0..10.0 H=-6.2832..6.2832 b=-10.0..10.0
            colorbalance rs=-1.0..1.0 gs=-1.0..1.0 bs=-1.0..1.0 rm=-1.0..1.0 gm=-1.0..1.0 bm=-1.0..1.0 rh=-1.0..1.0 \
            gh=-1.0..1.0 bh=-1.0..1.0 pl=0..1
            colortemperature temperature=1000.0..40000.0 mix=0.0..1.0 pl=0.0..1.0
            colorchannelmixer rr=-2.0..2.0 rg=-2.0..2.0 rb=-2.0..2.0 ra=-2.0..2.0 gr=-2.0..2.0 gg=-2.0..2.0 gb=-2.0..2.0 \
            ga=-2.0..2.0 br=-2.0..2.0 bg=-2.0..2.0 bb=-2.0..2.0
            curves preset!=color_negative|cross_process|darker|increase_contrast|lighter|linear_contrast|medium_contrast|\
            negative|strong_contrast|vintage
            monochrome cb=-1.0..1.0 cr=-1.0..1.0 size=0.1..10.0 high=0.0..1.0
            vibrance intensity=-2.0..2.0 rbal=-10.0..10.0 gbal=-10.0..10.0 bbal=-10.0..10.0
            vignette angle/a=0.0..1.5707
            unsharp luma_msize_x/lx=3|5|7|9|11|13 luma_msize_y/ly=3|5|7|9|11|13 luma_amount/la=-2.0..5.0 chroma_msize_x/cx=3|5|7|9|11|13 \
            chroma_msize_y/cy=3|5|7|9|11|13 chroma_amount/ca=-2.0..5.0
            cas strength=0.0..1.0
            gblur sigma=0.0..200.0 steps=1..6
            boxblur luma_radius/lr=0..30 luma_power/lp=0..10
            hqdn3d luma_spatial=0.0..100.0 chroma_spatial=0.0..100.0 luma_tmp=0.0..100.0 chroma_tmp=0.0..100.0
            deband 1thr=0.00003..0.5 2thr=0.00003..0.5 3thr=0.00003..0.5
            noise - alls/all_strength=0..100 allf/all_flags=a|p|t|u|t+u|a+t|p+t
            negate
            hflip
            vflip
            crop w/out_w!=16..16384 h/out_h!=16..16384 x=0..16384 y=0..16384
            fade type/t!=in|out - start_time/st=0.0..86400.0 duration/d!=0.0..3600.0 color/c=colour
            drawbox x=0..16384 y=0..16384 w/width!=1..16384 h/height!=1..16384 color/c=colour t/thickness=1..1000
            """;

    private static final Map<String, AllowedFilters> FILTERS = read();

    private final Map<String, Values> options = new LinkedHashMap<>();
    private final Map<String, String> aliases = new LinkedHashMap<>();
    private final List<String> needed = new ArrayList<>();
    private int positional = Integer.MAX_VALUE;

    private AllowedFilters(List<String> columns) {
        for (String column : columns) {
            if (column.equals("-")) {
                positional = options.size();
                continue;
            }
            int equals = column.indexOf('=');
            String[] names = column.substring(0, equals).replace("!", "").split("/");
            options.put(names[0], Values.read(column.substring(equals + 1)));
            if (names.length > 1) {
                aliases.put(names[1], names[0]);
            }
            if (column.charAt(equals - 1) == '!') {
                needed.add(names[0]);
            }
        }
    }

    /** Empty when there is no such filter, or none that a spec may use. */
    static Optional<AllowedFilters> find(String name) {
        return Optional.ofNullable(FILTERS.get(name));
    }

    static List<String> names() {
        return List.copyOf(FILTERS.keySet());
    }

    List<String> optionNames() {
        return List.copyOf(options.keySet());
    }

    /** The options that may be given without their names, in ffmpeg's order. */
    List<String> positionalNames() {
        return optionNames().subList(0, Math.min(positional, options.size()));
    }

    /** The full name of an option given by this or by its short one; the name itself when it is none. */
    String fullName(String option) {
        return aliases.getOrDefault(option, option);
    }

    Values values(String option) {
        return options.get(option);
    }

    List<String> needed() {
        return Collections.unmodifiableList(needed);
    }

    private static Map<String, AllowedFilters> read() {
        Map<String, AllowedFilters> filters = new LinkedHashMap<>();
        for (String line : TABLE.strip().split("\n")) {
            List<String> columns = List.of(line.split(" "));
            filters.put(columns.get(0), new AllowedFilters(columns.subList(1, columns.size())));
        }
        return filters;
    }
}
