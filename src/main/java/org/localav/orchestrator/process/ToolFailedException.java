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
    private final transient String output;

    private ToolFailedException(String message, Invocation call, int exitCode, List<String> lines, String output) {
        super(message);
        this.exitCode = exitCode;
        this.command = command(call);
        this.lastLines = List.copyOf(lines.subList(Math.max(0, lines.size() - SHOWN), lines.size()));
        this.output = output;
    }

    static ToolFailedException exited(Invocation call, int exitCode, List<String> errorLines, String output) {
        String message = sentence(Tool.name(call.tool()), exitCode, errorLines);
        return new ToolFailedException(message, call, exitCode, errorLines, output);
    }

    /** Exit code 127, as a shell has it. */
    static ToolFailedException notStarted(Invocation call, String why) {
        return new ToolFailedException(why, call, 127, List.of(), "");
    }

    static String command(Invocation call) {
        return (Shell.quote(call.tool()) + " " + Shell.quote(call.arguments())).strip();
    }

    private static String sentence(String tool, int exitCode, List<String> lines) {
        String how = exitCode > 128 && exitCode < 160
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

    /** 128 + n when signal n ended it, 127 when it could not be started. */
    public int exitCode() {
        return exitCode;
    }

    /** The whole command, quoted for a shell. */
    public String command() {
        return command;
    }

    /** The end of what it wrote to standard error. */
    public List<String> lastLines() {
        return lastLines;
    }

    /** What it wrote to standard output before it failed: ffprobe tells its errors there. */
    public String output() {
        return output;
    }

    /** The command and the last lines, for a person who looks into it. */
    public String details() {
        return lastLines.isEmpty() ? command : command + "\n" + String.join("\n", lastLines);
    }
}
