package org.localav.orchestrator.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.localav.orchestrator.ffmpeg.Command;
import org.localav.orchestrator.ffmpeg.Filter;
import org.localav.orchestrator.ffmpeg.FilterGraph;
import org.localav.orchestrator.ffmpeg.Source;
import org.localav.orchestrator.media.MediaInfo;

/**
 * The filters from one source to one sound of a mix: exactly as many samples as its place on the time line has, whatever
 * the decoder delivers.
 */
final class SoundChain {
    /** A looped part longer than this (samples) is read again instead of kept in memory; 5 minutes are 115 MB. */
    private static final long LONGEST_IN_MEMORY = 300L * Timeline.RATE;

    /** Demuxers whose time stamps are exact enough to jump by; the others are read from their start. */
    private static final Set<String> SEEKABLE = Set.of("mov", "mp4", "m4a", "matroska", "webm", "wav", "w64");

    /** Samples into the source from which jumping is worth it; it lands a second early, as decoders need a run-up. */
    private static final long SEEK_FROM = 20L * Timeline.RATE;

    private final Timeline.Placed sound;
    private final Optional<MediaInfo> media;
    private final FilterGraph.Builder graph;
    private final List<Command.Input> inputs;
    private final UnaryOperator<String> label;

    SoundChain(
            Timeline.Placed sound,
            Facts facts,
            FilterGraph.Builder graph,
            List<Command.Input> inputs,
            UnaryOperator<String> label) {
        this.sound = sound;
        this.media =
                sound.source() instanceof Source.AssetFile asset ? Optional.of(facts.media(asset)) : Optional.empty();
        this.graph = graph;
        this.inputs = inputs;
        this.label = label;
    }

    /**
     * Adds the chain.
     *
     * @param before samples of silence before the sound
     * @param until length of the sound and the silence after it, in samples
     * @return the label of its end
     */
    String chain(long before, long until) {
        List<Filter> filters = new ArrayList<>();
        List<String> from;
        boolean repeated = sound.loop() && sound.length() > sound.section();
        if (repeated && sound.section() > LONGEST_IN_MEMORY) {
            from = repeatedInputs(filters);
        } else if (repeated) {
            from = List.of(input(filters, sound.section()));
            // Without an out point the end is where the decoder stops: a pad there would be heard at every turn.
            if (!sound.toEnd()) {
                filters.add(Filter.of("apad", "whole_len", sound.section()));
            }
            filters.add(Filter.of("aloop", "loop", -1, "size", sound.section() + (sound.toEnd() ? Timeline.RATE : 0)));
            filters.add(Filter.of("atrim", "end_sample", sound.length()));
        } else {
            from = List.of(input(filters, sound.length()));
        }
        level(filters);
        if (before > 0) {
            filters.add(Filter.of("adelay", "delays", before + "S", "all", 1));
        }
        filters.add(Filter.of("apad", "whole_len", before + until));
        String out = label.apply("s");
        graph.chain(from, filters, out);
        return out;
    }

    private List<String> repeatedInputs(List<Filter> filters) {
        List<String> parts = new ArrayList<>();
        for (long done = 0; done < sound.length(); done += sound.section()) {
            List<Filter> part = new ArrayList<>();
            long length = Math.min(sound.section(), sound.length() - done);
            String from = input(part, length);
            part.add(Filter.of("apad", "whole_len", length));
            String to = label.apply("turn");
            graph.chain(List.of(from), part, to);
            parts.add(to);
        }
        filters.add(Filter.of("concat", "n", parts.size(), "v", 0, "a", 1));
        return parts;
    }

    /** Adds an input and the filters that cut {@code length} samples of it out; returns its pad. */
    private String input(List<Filter> filters, long length) {
        int index = inputs.size();
        boolean seek = seekable() && sound.from() >= SEEK_FROM;
        long skipped = seek ? (sound.from() / Timeline.RATE - 1) * Timeline.RATE : 0;
        List<String> options =
                new ArrayList<>(media.map(MediaInfo::inputOptions).orElse(List.of()));
        options.addAll(List.of("-vn", "-sn", "-dn"));
        if (seek) {
            options.add("-ss");
            options.add(Long.toString(skipped / Timeline.RATE));
        }
        inputs.add(new Command.Input(sound.source(), options));
        long from = sound.from() - skipped;
        long offset = seek
                ? 0
                : media.flatMap(MediaInfo::audio)
                        .map(a -> Timeline.samples(Timeline.offset(a)))
                        .orElse(0L);
        clock(filters, seek);
        layout(filters);
        if (offset > from) {
            filters.add(Filter.of("adelay", "delays", (offset - from) + "S", "all", 1));
        }
        long first = Math.max(from - offset, 0);
        filters.add(
                first > 0
                        ? Filter.of("atrim", "start_sample", first, "end_sample", first + length)
                        : Filter.of("atrim", "end_sample", length));
        filters.add(Filter.of("asetpts", "expr", "N"));
        return index + ":"
                + media.flatMap(MediaInfo::audio)
                        .map(a -> Integer.toString(a.index()))
                        .orElse("a:0");
    }

    private boolean seekable() {
        return media.filter(m -> List.of(m.format().split(",")).stream().anyMatch(SEEKABLE::contains))
                .isPresent();
    }

    /**
     * Brings the sound to the mix's rate. Beside a picture it keeps to its time stamps (recorders leave gaps), else to its
     * samples. The first time stamp is no measure of where it begins: Matroska rounds it to milliseconds.
     */
    private void clock(List<Filter> filters, boolean seek) {
        if (seek || media.flatMap(MediaInfo::video).isPresent()) {
            if (!seek) {
                filters.add(Filter.of("asetpts", "expr", "PTS-STARTPTS"));
            }
            filters.add(Filter.of("aresample", "osr", Timeline.RATE, "async", 1, "first_pts", 0));
        } else {
            filters.add(Filter.of("aresample", "osr", Timeline.RATE));
        }
    }

    /** Stereo float. ffmpeg itself would lower mono by 3 dB. More channels are folded down with ffmpeg's ITU weights. */
    private void layout(List<Filter> filters) {
        int channels = media.flatMap(MediaInfo::audio)
                .map(MediaInfo.AudioStream::channels)
                .orElse(0);
        filters.add(Filter.of("aformat", "sample_fmts", "fltp"));
        if (channels == 1) {
            filters.add(Filter.of("pan", "args", "stereo|c0=c0|c1=c0"));
        } else if (channels == 0) {
            filters.add(Filter.of("pan", "args", "stereo|FL=FL+FC|FR=FR+FC"));
        } else {
            filters.add(Filter.of("aformat", "channel_layouts", "stereo"));
        }
    }

    private void level(List<Filter> filters) {
        if (sound.gainDb() != 0) {
            filters.add(Filter.of("volume", "volume", MixRecipe.decimal(sound.gainDb()) + "dB"));
        }
        if (sound.fadeIn() > 0) {
            filters.add(fade("in", 0, Math.min(sound.fadeIn(), sound.length())));
        }
        if (sound.fadeOut() > 0) {
            long length = Math.min(sound.fadeOut(), sound.length());
            filters.add(fade("out", sound.length() - length, length));
        }
    }

    private static Filter fade(String type, long first, long length) {
        return Filter.of("afade", "t", type, "ss", first, "ns", length);
    }
}
