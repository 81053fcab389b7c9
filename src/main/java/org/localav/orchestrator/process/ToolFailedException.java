package org.localav.orchestrator.process;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.localav.orchestrator.ffmpeg.Shell;

/** A program that ended badly: its exit code, the command to paste, and the last lines it wrote. */
public final class ToolFailedException extends IOException {
    private static final long serialVersionUID = 1L;
    private static final int SHOWN = 12;
    private static final Pattern SAYS_NOTHING =
            Pattern.compile("^(?i:conversion failed!|exiting normally|error while filtering|\\[aac @ [^]]*] qavg)");
    private static final Pattern NAMES_A_FAULT = Pattern.compile(
            "(?i)no space|error|invalid|failed|denied|not found|no such|unable|cannot|could not|can't|corrupt|truncat"
                    + "|unknown|unrecognized|refus|not supported|unsupported");

    private final int exitCode;
    private final String command;
    private final transient List<String> lastLines;
    private final transient String output;

    private ToolFailedException(String message, Invocation call, int exitCode, List<String> lines, String output) {
        super(message);
        this.exitCode = exitCode;
        this.command = command(call);
        this.lastLines = last(lines);
        this.output = output;
    }

    /** The last lines, and of the earlier ones those that name a fault. */
    private static List<String> last(List<String> lines) {
        int from = Math.max(0, lines.size() - SHOWN);
        List<String> kept = new ArrayList<>(lines.subList(0, from).stream()
                .filter(line -> NAMES_A_FAULT.matcher(line).find())
                .limit(SHOWN)
                .toList());
        kept.addAll(lines.subList(from, lines.size()));
        return List.copyOf(kept);
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
        String run = Shell.quote(call.tool()) + " ";
        return call.feeder()
                        .map(arguments -> run + Shell.quote(arguments) + " | ")
                        .orElse("")
                + (run + Shell.quote(call.arguments())).strip();
    }

    private static String sentence(String tool, int exitCode, List<String> lines) {
        String how = exitCode > 128 && exitCode < 160
                ? " was ended by signal " + (exitCode - 128) + (exitCode == 137 ? " (out of memory?)" : "")
                : " exited with " + exitCode;
        return tool + how + telling(lines);
    }

    /** A full disk, whatever else was said of it; the last line that names a fault; else the last that says something: ffmpeg ends with summaries that do not. */
    private static String telling(List<String> lines) {
        Optional<String> full =
                lines.stream().filter(line -> line.contains("No space left")).findFirst();
        if (full.isPresent()) {
            return ": " + full.get().strip();
        }
        String last = " and wrote nothing";
        for (int i = lines.size() - 1; i >= 0; i--) {
            String line = lines.get(i).strip();
            if (line.isEmpty() || SAYS_NOTHING.matcher(line).find()) {
                continue;
            }
            if (NAMES_A_FAULT.matcher(line).find()) {
                return ": " + line;
            }
            last = last.startsWith(":") ? last : ": " + line;
        }
        return last;
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
