package org.localav.orchestrator.speech;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds secrets by the names of environment variables, and keeps those it gave out of messages. */
public final class Secrets {
    private static final Pattern BY_NAME = Pattern.compile("\\$\\{ENV:([A-Za-z_][A-Za-z0-9_]*)}");

    private final Map<String, String> environment;
    private final Set<String> given = ConcurrentHashMap.newKeySet();

    public Secrets(Map<String, String> environment) {
        this.environment = new HashMap<>(environment);
    }

    /**
     * The value of a variable.
     *
     * @param setting which setting names the variable, for the message
     * @throws SpeechException when it is not set or can't be a header's value
     */
    String named(String variable, String setting) throws SpeechException {
        String value = environment.getOrDefault(variable, "").strip();
        if (value.isEmpty()) {
            throw SpeechException.lasting("the environment variable " + variable + ", which " + setting
                    + " names as the place of the key, is not set");
        }
        if (value.chars().anyMatch(c -> c < ' ' || c > '~')) {
            throw SpeechException.lasting("the environment variable " + variable + ", which " + setting
                    + " names, holds characters that can't be sent in a header");
        }
        given.add(value);
        return value;
    }

    /** Puts in what stands as {@code ${ENV:NAME}}. */
    String fill(String template, String setting) throws SpeechException {
        Matcher matcher = BY_NAME.matcher(template);
        StringBuilder filled = new StringBuilder();
        while (matcher.find()) {
            matcher.appendReplacement(filled, Matcher.quoteReplacement(named(matcher.group(1), setting)));
        }
        return matcher.appendTail(filled).toString();
    }

    /** The text without any secret that was given out: servers like to repeat a wrong key. */
    public String hide(String text) {
        String hidden = text;
        for (String secret : given) {
            hidden = hidden.replace(secret, "***");
        }
        return hidden;
    }
}
