package org.localav.orchestrator.speech;

import java.net.URI;
import java.net.URISyntaxException;

/** Checks the addresses that operators set. */
final class Urls {
    private Urls() {}

    static String checked(String url, String setting) throws SpeechException {
        try {
            URI uri = new URI(url);
            boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            if (web && uri.getHost() != null && uri.getUserInfo() == null) {
                return url;
            }
        } catch (URISyntaxException e) {
            throw SpeechException.lasting(setting + " is no address: " + e.getReason());
        }
        throw SpeechException.lasting(setting + " must be an http or https address with a host and without a password,"
                + " such as https://api.openai.com/v1");
    }
}
