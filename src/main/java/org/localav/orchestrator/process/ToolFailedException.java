package org.localav.orchestrator.process;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.localav.orchestrator.ffmpeg.Shell;

/** A program that ended badly: its exit code, the command to paste, and the last lines it wrote. */
public final class ToolFailedException extends IOException {
    private static final long serialVersionUID = 1L;
    private static final int SHOWN = 12;

    private final int exitCode;
    private final String command;
    private final transient List<String> lastLines;

    public ToolFailedException(String tool, List<String> arguments, int exitCode, List<String> errorLines) {
        super(sentence(tool, exitCode, errorLines));
        this.exitCode = exitCode;
        this.command = Shell.quote(tool) + " " + Shell.quote(arguments);
        this.lastLines = List.copyOf(errorLines.subList(Math.max(0, errorLines.size() - SHOWN), errorLines.size()));
    }

    private static String sentence(String tool, int exitCode, List<String> lines) {
        String how = exitCode > 128 && exitCode != 255
                ? " was ended by signal " + (exitCode - 128) + (exitCode == 137 ? " (out of memory?)" : "")
                : " exited with " + exitCode;
        return tool + how + telling(lines);
    }

    /** The last line that says something: ffmpeg ends with a summary that does not. */
    private static String telling(List<String> lines) {
        for (int i = lines.size() - 1; i >= 0; i--) {
            String line = lines.get(i).strip();
            String lower = line.toLowerCase(Locale.ROOT);
            boolean empty = line.isEmpty()
                    || lower.equals("conversion failed!")
                    || lower.startsWith("exiting normally")
                    || lower.startsWith("[aac ") && lower.contains("qavg");
            if (!empty) {
                return ": " + line;
            }
        }
        return " and wrote nothing";
    }

    public int exitCode() {
        return exitCode;
    }

    /** The whole command, quoted for a shell. */
    public String command() {
        return command;
    }

    public List<String> lastLines() {
        return lastLines;
    }
}
