package org.localav.orchestrator.route;

import java.util.Map;
import org.apache.camel.CamelContext;
import org.localav.orchestrator.job.Workshop;

public final class SpeechBeans {
    SpeechBeans(Workshop workshop, Probes probes, Map<String, String> environment) {}

    Map<String, Object> beans() {
        return Map.of("speech", this);
    }

    void prepare(CamelContext context) {}

    void close() {}

    public void ask(org.apache.camel.Exchange e) {}

    public String provider(org.apache.camel.Exchange e) {
        return "";
    }

    public void keep(org.apache.camel.Exchange e) {}
}
