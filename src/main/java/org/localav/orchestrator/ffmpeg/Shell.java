package org.localav.orchestrator.ffmpeg;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Shows a list of arguments as a line that can be pasted into a POSIX shell. */
public final class Shell {
    private static final Pattern SAFE = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");

    private Shell() {}

    public static String quote(List<String> arguments) {
        return arguments.stream().map(Shell::quote).collect(Collectors.joining(" "));
    }

    public static String quote(String argument) {
        return SAFE.matcher(argument).matches() ? argument : "'" + argument.replace("'", "'\\''") + "'";
    }
}
