package org.localav.orchestrator.cli;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.function.Consumer;
import org.apache.camel.CamelContext;
import org.localav.orchestrator.door.Doors;
import org.localav.orchestrator.job.Job;
import org.localav.orchestrator.job.Workshop;
import org.localav.orchestrator.route.JobContext;
import org.localav.orchestrator.spec.InvalidSpecException;

/** What routes refer to, for checking them. A class and no lambda,
 * because to link one loads Camel, for which commands that check no routes must not wait. */
final class RouteBeans implements Consumer<CamelContext> {
    @Override
    public void accept(CamelContext context) {
        try {
            Workshop workshop = new Workshop(new RunOptions().settings(), System.getenv());
            new JobContext(workshop, System.getenv(), Version.text(), new SimpleMeterRegistry(), Job::leave)
                    .prepare(context);
            Doors.beans(null, workshop).forEach(context.getRegistry()::bind);
        } catch (InvalidSpecException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }
}
