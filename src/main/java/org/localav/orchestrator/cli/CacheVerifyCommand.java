package org.localav.orchestrator.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.localav.orchestrator.cache.StepStore;
import org.localav.orchestrator.cache.Verification;
import org.localav.orchestrator.job.MediaWords;
import org.localav.orchestrator.job.Report;
import org.localav.orchestrator.settings.Settings;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code avo cache verify}: reads the whole step store to find what rotted. */
@Command(
        name = "verify",
        description =
                "Reads every result and compares it with its hash. What rotted is moved into damaged/ in the store's "
                        + "folder, with a note, and is made again when a job wants it; with --read-only it is only told. Exit "
                        + "code 1 when something was damaged.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  avo cache verify",
            "  avo cache verify --read-only    only says what is damaged",
            "  avo cache verify --json | jq -r '.damaged.key // empty'"
        })
final class CacheVerifyCommand implements Callable<Integer> {
    private static final ObjectWriter JSON = Report.JSON.writer().without(SerializationFeature.INDENT_OUTPUT);

    @Mixin
    private SettingOptions options;

    @Option(names = "--json", description = "Prints a JSON object a line: each damaged entry, then the numbers.")
    private boolean json;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec command;

    @Override
    public Integer call() throws IOException {
        Settings settings = options.settings();
        StepStore store = CacheCommand.store(settings);
        boolean setAside = !settings.flag("read_only");
        Count count = new Count(store.size());
        store.verify(setAside, count);
        count.end(setAside);
        return count.damaged == 0 ? ExitCode.OK : ExitCode.FAILED;
    }

    /** Says what is found at once, so that it need not be kept, and how far it is on a terminal. */
    private final class Count implements Verification.Watcher {
        private final PrintWriter out = command.commandLine().getOut();
        private final Bars bars =
                json || !Bars.possible() ? null : new Bars(command.commandLine().getErr());
        private final OptionalLong all;
        private long entries;
        private long bytes;
        private long damaged;

        Count(OptionalLong all) {
            this.all = all;
        }

        @Override
        public void read(long more) {
            entries++;
            bytes += more;
            if (bars != null) {
                double done = all.isPresent() ? Math.min(1, (double) bytes / Math.max(1, all.getAsLong())) : 0;
                bars.progressed("verify", "verify", done, entries + " read, " + MediaWords.size(bytes));
            }
        }

        @Override
        public void damaged(String key, String what) {
            damaged++;
            if (json) {
                line("damaged", Map.of("key", key, "what", what));
            } else if (bars != null) {
                bars.say(key + ": " + what);
            } else {
                out.println(key + ": " + what);
            }
        }

        void end(boolean setAside) {
            if (json) {
                Map<String, Object> sums = new LinkedHashMap<>();
                sums.put("entries", entries);
                sums.put("bytes", bytes);
                sums.put("damaged", damaged);
                sums.put("set_aside", setAside ? damaged : 0);
                line("verified", sums);
            } else {
                String rotted = damaged == 0
                        ? "all as they were stored"
                        : damaged + " damaged, " + (setAside ? "moved into damaged/" : "left where they are");
                out.println(
                        "verified " + CacheCommand.entries(entries) + ", " + MediaWords.size(bytes) + ": " + rotted);
            }
            out.flush();
        }

        private void line(String name, Object value) {
            try {
                out.println(JSON.writeValueAsString(Map.of(name, value)));
            } catch (JsonProcessingException e) {
                throw new IllegalStateException("plain values can't be written as JSON", e);
            }
        }
    }
}
