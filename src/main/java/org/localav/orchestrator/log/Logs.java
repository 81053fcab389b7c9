package org.localav.orchestrator.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.EncoderBase;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.slf4j.LoggerFactory;

/**
 * How log lines look and which are written, all to standard error. Logback finds this by itself and is spared its XML; until
 * {@link #open} only what nobody expects is told: a command shows by itself what it does. {@code
 * -Dlogback.configurationFile} still wins.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_HIGH_PRIORITY)
public final class Logs extends ContextAwareBase implements Configurator {
    /** The program's own loggers, in words of {@code log.level}. */
    public static final String OURS = "org.localav";

    public static final List<String> LEVELS = List.of("error", "warn", "info", "debug", "trace");
    public static final List<String> FORMATS = List.of("auto", "json", "text");

    /** Tells of each stage of each job, which on the command line is seen anyway. */
    private static final String STAGES = "org.localav.orchestrator.stage";

    private static final Path STANDARD_ERROR = Path.of("/proc/self/fd/2");
    private static final Lines LINES = new Lines();

    private static final class Lines extends EncoderBase<ILoggingEvent> {
        private volatile Function<ILoggingEvent, String> format = TextLine::of;

        @Override
        public byte[] encode(ILoggingEvent event) {
            return format.apply(event).getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public byte[] headerBytes() {
            return new byte[0];
        }

        @Override
        public byte[] footerBytes() {
            return new byte[0];
        }
    }

    @Override
    public ExecutionStatus configure(LoggerContext logs) {
        if (System.getProperty("logback.configurationFile") != null) {
            return ExecutionStatus.INVOKE_NEXT_IF_ANY;
        }
        LINES.setContext(logs);
        LINES.start();
        ConsoleAppender<ILoggingEvent> error = new ConsoleAppender<>();
        error.setContext(logs);
        error.setName("stderr");
        error.setTarget("System.err");
        error.setEncoder(LINES);
        error.start();
        Logger root = logs.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.WARN);
        root.addAppender(error);
        logs.getLogger(STAGES).setLevel(Level.OFF);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /**
     * Takes the operator's wishes.
     *
     * @param format one of {@link #FORMATS}; {@code auto} is text on a terminal and JSON elsewhere
     * @param level one of {@link #LEVELS}
     * @param node stands in every line
     */
    public static void open(String format, String level, String node) {
        boolean json = format.equals("json") || format.equals("auto") && !terminal();
        LINES.format = json ? event -> JsonLine.of(event, node) : TextLine::of;
        level(STAGES, "");
        level(OURS, level);
    }

    private static boolean terminal() {
        try {
            return Files.readSymbolicLink(STANDARD_ERROR).toString().matches("/dev/(pts/\\d+|tty.*|console)");
        } catch (IOException e) {
            // No Linux.
            return System.console() != null;
        }
    }

    /**
     * Sets which lines of a logger and those below it are written, until the program ends.
     *
     * @param level one of {@link #LEVELS}, or empty for that of the logger above it
     */
    public static void level(String logger, String level) {
        logback(logger).setLevel(level.isEmpty() ? null : Level.toLevel(level));
    }

    /** The loggers that have a level of their own, with it. */
    public static Map<String, String> levels() {
        Map<String, String> levels = new TreeMap<>();
        for (Logger logger : ((LoggerContext) LoggerFactory.getILoggerFactory()).getLoggerList()) {
            if (logger.getLevel() != null) {
                levels.put(logger.getName(), logger.getLevel().toString().toLowerCase(Locale.ROOT));
            }
        }
        return levels;
    }

    private static Logger logback(String name) {
        return (Logger) LoggerFactory.getLogger(name);
    }
}
