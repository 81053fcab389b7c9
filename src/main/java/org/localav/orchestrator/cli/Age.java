package org.localav.orchestrator.cli;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.localav.orchestrator.settings.Settings;

/** How long ago, as users write it: as durations elsewhere, and in days, which settings don't know. */
final class Age {
    private static final Pattern DAYS = Pattern.compile("(\\d{1,5})d");

    private Age() {}

    /** Days as hours, since those of a calendar are not all alike; any other text as it is. */
    static String inHours(String text) {
        Matcher days = DAYS.matcher(text);
        return days.matches() ? Long.parseLong(days.group(1)) * 24 + "h" : text;
    }

    /** Empty when it is none. */
    static Optional<Duration> of(String text) {
        return Settings.asDuration(inHours(text));
    }
}
