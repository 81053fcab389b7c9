package org.localav.orchestrator.process;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;

/** A note on disk of one running program and of who started it, so that a later start can end what was left behind. */
record PidFile(String boot, long owner, long ownerStart, long pid, long start, String mark) {
    private static final String ENDING = ".process";

    /** Empty when the system has no /proc or the program has ended already. */
    static Optional<PidFile> of(long pid, String mark) {
        long self = ProcessHandle.current().pid();
        Optional<Long> start = ProcFile.startTicks(pid);
        Optional<Long> ownStart = ProcFile.startTicks(self);
        return start.isEmpty() || ownStart.isEmpty()
                ? Optional.empty()
                : Optional.of(new PidFile(ProcFile.bootId(), self, ownStart.get(), pid, start.get(), mark));
    }

    Path write(Path folder) throws IOException {
        String text = "boot=" + boot + "\nowner=" + owner + "\nowner_start=" + ownerStart + "\npid=" + pid + "\nstart="
                + start + "\nmark=" + mark + "\n";
        // By renaming: whoever sweeps the folder meanwhile would take a half-written note for a torn one and remove it.
        Path whole = Files.writeString(Files.createDirectories(folder).resolve(mark + ".new"), text);
        return Files.move(whole, folder.resolve(mark + ENDING), StandardCopyOption.ATOMIC_MOVE);
    }

    static List<Path> all(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> f.getFileName().toString().endsWith(ENDING))
                    .toList();
        }
    }

    /** Empty when the file is gone or was only half written. */
    static Optional<PidFile> read(Path file) throws IOException {
        Properties fields = new Properties();
        try {
            fields.load(new StringReader(Files.readString(file)));
            return Optional.of(new PidFile(
                    fields.getProperty("boot"),
                    Long.parseLong(fields.getProperty("owner")),
                    Long.parseLong(fields.getProperty("owner_start")),
                    Long.parseLong(fields.getProperty("pid")),
                    Long.parseLong(fields.getProperty("start")),
                    fields.getProperty("mark", "")));
        } catch (NoSuchFileException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    boolean ownerLives() {
        return boot.equals(ProcFile.bootId())
                && ProcFile.startTicks(owner).filter(t -> t == ownerStart).isPresent();
    }

    /** Whether the very process that was noted still runs: pid, start time and mark agree. */
    boolean programLives() {
        return boot.equals(ProcFile.bootId())
                && ProcFile.startTicks(pid).filter(t -> t == start).isPresent()
                && ProcFile.carries(pid, mark);
    }
}
