package org.localav.orchestrator.cli;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.localav.orchestrator.settings.Settings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code avo serve}: takes jobs from the inbox and over HTTP until it is told to end. */
@Command(
        name = "serve",
        description = "Takes jobs from the inbox folder and over HTTP, and runs them, until it is told to end.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  avo serve                               on 127.0.0.1:8080, with the inbox of this installation",
            "  avo serve --set http.port=9000          on another port",
            "  avo serve --read-only                   answers queries and plans, and takes no job",
            "  avo serve --set jobs.concurrent=4       four jobs at once",
            "  avo serve --store jdbc:postgresql://db/avo?user=avo --queue redis://cache",
            "                                          as one of several nodes (docs/operating.md)",
            "",
            "Ctrl-C or SIGTERM: takes nothing more in, lets running jobs end within the setting shutdown.grace, puts the",
            "others back into the queue, and exits with 0; they go on when the service is up again."
        })
final class ServeCommand implements Callable<Integer> {
    @Mixin
    private SettingOptions options;

    @Option(
            names = "--store",
            paramLabel = "URL",
            description =
                    "Database that several nodes share, as jdbc:postgresql://HOST/DATABASE?user=NAME (store.url).")
    private String store;

    @Option(
            names = "--queue",
            paramLabel = "URL",
            description = "Redis that wakes the nodes of a shared store, as redis://HOST:6379/0 (queue.url).")
    private String queue;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() throws Exception {
        Map<String, String> named = new TreeMap<>();
        Optional.ofNullable(store).ifPresent(url -> named.put("store.url", url));
        Optional.ofNullable(queue).ifPresent(url -> named.put("queue.url", url));
        Settings settings = options.settings(named);
        SettingOptions.openLogs(settings, settings.text("log.format"), "info");
        CountDownLatch told = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        Daemon daemon = Daemon.start(settings, System.getenv());
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(told, closed), "shutdown"));
        command.commandLine().getOut().println("avo serves on " + daemon.address() + "; end it with Ctrl-C");
        command.commandLine().getOut().println(dashboard(daemon));
        command.commandLine().getOut().flush();
        try (daemon) {
            told.await();
        } finally {
            closed.countDown();
        }
        return ExitCode.OK;
    }

    /** A link that signs in stands in no log: where nobody looks at a terminal, it is only said how to get one. */
    private static String dashboard(Daemon daemon) {
        return "the dashboard: "
                + (System.console() == null ? "'avo dashboard' prints a link that opens it" : daemon.link());
    }

    /** Runs while the virtual machine ends; what it decides as its exit code would be the signal's. */
    private static void end(CountDownLatch told, CountDownLatch closed) {
        told.countDown();
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(ExitCode.OK);
    }
}
