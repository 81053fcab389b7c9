package org.localav.orchestrator.service;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.localav.orchestrator.ffmpeg.Safety;
import org.localav.orchestrator.job.Workshop;
import org.localav.orchestrator.process.Cancellation;
import org.localav.orchestrator.process.Invocation;
import org.localav.orchestrator.process.Processes;
import org.localav.orchestrator.process.ToolFailedException;
import org.localav.orchestrator.process.ToolTimedOutException;

/**
 * Pictures of outputs for people to look at, made by ffmpeg when they are first asked for and kept under the hash of the
 * output. An empty file is kept where none can be made, such as the waveform of a silent film.
 */
public final class Previews implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int COLUMNS = 4;
    private static final int ROWS = 3;

    /** What is shown of an output. */
    public enum Kind {
        /** One picture of it. */
        POSTER("jpg"),
        /** Twelve of its pictures, from beginning to end. */
        CONTACT_SHEET("jpg"),
        /** Its sound. */
        WAVEFORM("png");

        private final String ending;

        Kind(String ending) {
            this.ending = ending;
        }

        /** The name in addresses: {@code contact-sheet}. */
        public String id() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        public String mediaType() {
            return ending.equals("jpg") ? "image/jpeg" : "image/png";
        }
    }

    private final Workshop workshop;
    /** Of its own: when the programs of jobs stand still, pictures of what is finished can be had all the same. */
    private final Processes processes;

    private final Path folder;
    private final long limit;
    private final Cancellation closing = new Cancellation();

    public Previews(Workshop workshop) {
        this.workshop = workshop;
        this.processes = workshop.separateProcesses();
        this.folder = workshop.places().previews();
        this.limit = workshop.settings().bytes("previews.limit");
    }

    /**
     * The picture's file. What has to be made is made in the calling thread.
     *
     * @throws NoOutputException when there is nothing to be seen or heard in it
     */
    public Path of(Outputs.Output output, Kind kind) throws NoOutputException, IOException, InterruptedException {
        Path kept = folder.resolve(output.sha256().substring(0, 2))
                .resolve(output.sha256() + "-" + kind.id() + "." + kind.ending);
        if (!Files.exists(kept)) {
            make(output, kind, kept);
            evict();
        }
        if (Files.size(kept) == 0) {
            throw new NoOutputException("there is no " + kind.id() + " of "
                    + output.file().getFileName() + ", because there is nothing in it to "
                    + (kind == Kind.WAVEFORM ? "hear" : "see"));
        }
        Files.setLastModifiedTime(kept, FileTime.from(Instant.now()));
        return kept;
    }

    private void make(Outputs.Output output, Kind kind, Path kept)
            throws IOException, InterruptedException, NoOutputException {
        Files.createDirectories(kept.getParent());
        Path made = Files.createTempFile(kept.getParent(), "new", "." + kind.ending);
        try {
            if (kind == Kind.WAVEFORM || output.pictures()) {
                run(output, kind, made);
            }
            Files.move(made, kept, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(made);
        }
    }

    private void run(Outputs.Output output, Kind kind, Path made)
            throws IOException, InterruptedException, NoOutputException {
        List<String> arguments =
                new ArrayList<>(List.of("-nostdin", "-hide_banner", "-y", "-v", "error", "-filter_threads", "1"));
        String file = "file:" + output.file();
        switch (kind) {
            case POSTER -> {
                input(arguments, file, output.length().dividedBy(5));
                arguments.addAll(List.of("-map", "0:v:0", "-vf", SQUARE + ",scale=w='min(1280,iw)':h=-2", "-q:v", "4"));
            }
            case CONTACT_SHEET -> {
                int pictures = COLUMNS * ROWS;
                for (int i = 0; i < pictures; i++) {
                    input(
                            arguments,
                            file,
                            output.length().multipliedBy(2 * i + 1).dividedBy(2L * pictures));
                }
                arguments.addAll(List.of("-filter_complex", contactSheet(pictures), "-map", "[sheet]", "-q:v", "5"));
            }
            case WAVEFORM -> {
                input(arguments, file, Duration.ZERO);
                arguments.addAll(List.of(
                        "-filter_complex",
                        "[0:a:0]aformat=channel_layouts=mono,showwavespic=s=1600x160:colors=#6d7ff2:filter=peak[wave]",
                        "-map",
                        "[wave]"));
            }
        }
        arguments.addAll(List.of("-frames:v", "1", "-threads", "1", "-f", "image2", "-update", "1", "file:" + made));
        try {
            processes.run(Invocation.of(workshop.settings().text("ffmpeg.program"), arguments, LIMIT), closing);
        } catch (ToolTimedOutException e) {
            throw new NoOutputException("no " + kind.id() + " of "
                    + output.file().getFileName() + " could be made within " + LIMIT.toSeconds() + " s");
        } catch (ToolFailedException e) {
            // It has no such stream, or none that can be decoded: made empty, so that it is not tried at every look.
            Files.write(made, new byte[0]);
        }
    }

    private static final String SQUARE = "scale=w='trunc(iw*max(sar,0.01)/2)*2':h=ih,setsar=1";

    private static void input(List<String> arguments, String file, Duration from) {
        arguments.addAll(Safety.INPUT_OPTIONS);
        arguments.addAll(List.of("-threads", "1", "-ss", from.toMillis() + "ms", "-i", file));
    }

    private static String contactSheet(int pictures) {
        String cells = IntStream.range(0, pictures)
                .mapToObj(i -> "[" + i + ":v:0]trim=end_frame=1,setpts=0," + SQUARE
                        + ",scale=w='if(gt(iw,ih),320,180)':h=-2[c" + i + "];")
                .collect(Collectors.joining());
        String all = IntStream.range(0, pictures).mapToObj(i -> "[c" + i + "]").collect(Collectors.joining());
        return cells + all + "concat=n=" + pictures + ":v=1:a=0,tile=" + COLUMNS + "x" + ROWS + ":padding=4[sheet]";
    }

    /** Removes those that were not looked at for longest. */
    private synchronized void evict() throws IOException {
        record Kept(Path file, long bytes, FileTime used) {}
        List<Kept> all = new ArrayList<>();
        try (Stream<Path> files = Files.walk(folder, 2)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                all.add(new Kept(file, Files.size(file), Files.getLastModifiedTime(file)));
            }
        } catch (NoSuchFileException e) {
            // Somebody else removes, too.
            return;
        }
        all.sort(Comparator.comparing(Kept::used));
        long over = all.stream().mapToLong(Kept::bytes).sum() - limit;
        for (Kept kept : all) {
            if (over <= 0) {
                return;
            }
            Files.deleteIfExists(kept.file());
            over -= kept.bytes();
        }
    }

    /** Ends what is being made. */
    @Override
    public void close() {
        closing.cancel("the service is ending");
    }
}
