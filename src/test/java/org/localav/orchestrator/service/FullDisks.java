package org.localav.orchestrator.service;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A service whose folders for work, outputs and its store are small file systems in memory, each of which gets full while
 * jobs come in and run, and has room again later. Mounting them needs root.
 */
final class FullDisks {
    private static final int BLOCK = 4096;

    private final Ordeal ordeal;
    private final Path work;
    private final Path out;
    private final Path store;

    private FullDisks(Ordeal ordeal) {
        this.ordeal = ordeal;
        this.work = ordeal.home.resolve("state/work");
        this.out = ordeal.jobs.resolve("out");
        this.store = ordeal.home.resolve("state/jobs");
    }

    static boolean run(Path avo, Path home) throws Exception {
        FullDisks disks = new FullDisks(new Ordeal(avo, home));
        List<Path> mounted = new ArrayList<>();
        try {
            for (Path folder : List.of(disks.work, disks.out, disks.store)) {
                Files.createDirectories(folder);
                if (run("mount", "-t", "tmpfs", "-o", "size=24m,mode=700", "tmpfs", folder.toString()) != 0) {
                    System.out.printf(
                            "%nfull disks: LEFT OUT, as small file systems can't be mounted here (needs root)%n");
                    return true;
                }
                mounted.add(folder);
            }
            return disks.fill();
        } finally {
            disks.ordeal.kill();
            for (Path folder : mounted) {
                run("umount", folder.toString());
            }
        }
    }

    private static int run(String... command) throws Exception {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    private boolean fill() throws Exception {
        ordeal.start();
        System.out.println();
        for (Path folder : List.of(work, out)) {
            Path filler = fill(folder);
            String id = ordeal.submit("film");
            end("disk full under " + folder.getFileName(), id, filler);
            String later = ordeal.submit("film");
            awaitEncoding(later);
            end("disk full under " + folder.getFileName() + " while it encoded", later, fill(folder));
        }
        fillStore();
        return ordeal.reckon();
    }

    private void awaitEncoding(String id) throws Exception {
        JsonNode document = ordeal.service.job(id);
        while (!ServedAvo.ended(document) && !Torture.stands(document, "video_concat", "running")) {
            document = ordeal.service.job(id);
        }
    }

    /** There is room again when the job has ended. */
    private void end(String trouble, String id, Path filler) throws Exception {
        JsonNode document = ordeal.ended(id);
        Files.delete(filler);
        System.out.printf("%s: job %s%n", trouble, ordeal.retried(document));
    }

    /** The store gets full while a job runs; it is killed like that, too, and must come up and go on when there is room. */
    private void fillStore() throws Exception {
        String running = ordeal.submit("film");
        while (ordeal.service.job(running).path("status").asText().equals("queued")) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
        Path filler = fill(store);
        // Longer than the room that the store has in files of its own.
        Files.writeString(ordeal.jobs.resolve("song.yaml"), "# " + "-".repeat(500_000), StandardOpenOption.APPEND);
        List<Integer> refused = new ArrayList<>();
        int accepted = 0;
        for (int i = 0; i < 20; i++) {
            int number = ordeal.next();
            HttpResponse<String> answer = ordeal.offer("song", number, "");
            if (answer.statusCode() == 503) {
                refused.add(number);
            } else if (answer.statusCode() / 100 == 2) {
                accepted++;
            } else {
                throw new IllegalStateException(answer.statusCode() + " " + answer.body());
            }
        }
        ordeal.kill();
        Files.delete(filler);
        ordeal.service.start();
        for (int number : refused) {
            HttpResponse<String> answer = ordeal.offer("song", number, "");
            if (answer.statusCode() != 201) {
                throw new IllegalStateException("what was refused is there: " + answer.statusCode() + answer.body());
            }
        }
        System.out.printf(
                "disk full under jobs while one ran: %d accepted, %d refused with 503, then a kill -9%n",
                accepted, refused.size());
    }

    /** A file that takes all room there is. */
    private static Path fill(Path folder) throws IOException {
        Path filler = folder.resolve("filler");
        try (OutputStream file = Files.newOutputStream(filler)) {
            while (true) {
                file.write(new byte[BLOCK]);
            }
        } catch (IOException e) {
            return filler;
        }
    }
}
