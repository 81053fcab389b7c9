package org.localav.orchestrator.log;

import java.util.regex.Pattern;

/** Takes out of web addresses what may give access to something: passwords and query strings. */
public final class SignedUrls {
    private static final Pattern ADDRESS =
            Pattern.compile("(?i)\\b(https?://)(?:[^\\s/?#@\"']*@)?([^\\s?#\"'<>]*)(?:[?#][^\\s\"'<>]*)?");

    private SignedUrls() {}

    /** A text in which every address ends before its query. */
    public static String cut(String text) {
        return text.contains("://") ? ADDRESS.matcher(text).replaceAll("$1$2") : text;
    }
}
