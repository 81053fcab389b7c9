package org.localav.orchestrator.observe;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.StandardMBean;
import org.localav.orchestrator.cache.StepStore;
import org.localav.orchestrator.engine.Engine;
import org.localav.orchestrator.job.BlockedException;
import org.localav.orchestrator.job.JobStatus;
import org.localav.orchestrator.service.ConflictException;
import org.localav.orchestrator.service.JobService;
import org.localav.orchestrator.service.QueueState;
import org.localav.orchestrator.service.UnknownJobException;
import org.localav.orchestrator.store.JobQuery;
import org.localav.orchestrator.trace.Caller;

/** The queue, the slots, the step store and the health as beans for JMX, from its making to {@link #close}. */
final class ServiceBeans implements AutoCloseable {
    /** What the names of the service's own beans begin with. */
    static final String DOMAIN = "local-av-orchestrator";

    private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    private final List<ObjectName> names = new ArrayList<>();

    ServiceBeans(JobService service, Engine engine, Health health) {
        register("Queue", new Queue(service), QueueMXBean.class);
        register("StepStore", new Store(service), StepStoreMXBean.class);
        register("Slots", new Places(service, engine), SlotsMXBean.class);
        register("Health", new Wellness(health), HealthMXBean.class);
    }

    private <T> void register(String type, T bean, Class<T> as) {
        try {
            ObjectName name = new ObjectName(DOMAIN + ":type=" + type);
            server.registerMBean(new StandardMBean(bean, as, true), name);
            names.add(name);
        } catch (JMException e) {
            close();
            throw new IllegalStateException("the bean " + type + " can't be registered for JMX", e);
        }
    }

    @Override
    public void close() {
        for (ObjectName name : names) {
            try {
                server.unregisterMBean(name);
            } catch (JMException e) {
                throw new IllegalStateException(name + " can't be taken from JMX", e);
            }
        }
        names.clear();
    }

    private record Queue(JobService service) implements QueueMXBean {
        @Override
        public String getMode() {
            return service.mode().id();
        }

        @Override
        public long getQueued() {
            return service.backlog().queued();
        }

        @Override
        public Map<Integer, Long> getQueuedByPriority() {
            return service.backlog().jobs();
        }

        @Override
        public int getRunning() {
            return service.node().running();
        }

        @Override
        public int getConcurrent() {
            return service.node().slots();
        }

        @Override
        public long getPendingMessages() {
            return service.backlog().messages();
        }

        @Override
        public List<String> jobs(int atMost) {
            return Stream.of(JobStatus.RUNNING, JobStatus.QUEUED)
                    .flatMap(
                            status -> service
                                    .list(new JobQuery(
                                            Set.of(status), Map.of(), OptionalLong.empty(), Math.max(1, atMost)))
                                    .stream())
                    .limit(Math.max(1, atMost))
                    .map(job -> job.id() + " " + job.status().id() + ", priority " + job.priority())
                    .toList();
        }

        @Override
        public void pause() {
            rule(QueueState.Mode.PAUSED);
        }

        @Override
        public void suspend() {
            rule(QueueState.Mode.SUSPENDED);
        }

        @Override
        public void resume() {
            rule(QueueState.Mode.RUNNING);
        }

        private void rule(QueueState.Mode mode) {
            act(() -> service.rule(mode));
        }

        @Override
        public int prioritise(String id, int priority) {
            if (priority < 0 || priority > 9) {
                throw new IllegalStateException("the priority " + priority + " is not from 0 to 9");
            }
            return act(() -> service.prioritise(id, Optional.empty(), priority)).priority();
        }

        @Override
        public String cancel(String id) {
            return act(() -> service.cancel(id)).status().id();
        }

        @Override
        public String retry(String id) {
            return act(() -> service.retry(id)).status().id();
        }

        private interface Act<T> {
            T run() throws UnknownJobException, ConflictException, BlockedException;
        }

        /** Other programs that speak JMX don't know our exceptions. */
        private static <T> T act(Act<T> act) {
            // Over Jolokia it is known whose token it was; JMX itself tells of this process's own user only.
            Caller now = Caller.now();
            Caller who = now.who().equals("service") ? Caller.of("jmx:" + System.getProperty("user.name")) : now;
            try (Caller.Scope scope = who.enter()) {
                return act.run();
            } catch (UnknownJobException | ConflictException | BlockedException e) {
                throw new IllegalStateException(e.getMessage());
            }
        }
    }

    private record Store(JobService service) implements StepStoreMXBean {
        private StepStore store() {
            return service.workshop().store();
        }

        @Override
        public String getFolder() {
            return service.workshop().places().steps().toString();
        }

        @Override
        public long getBytes() {
            return store().bytes();
        }

        @Override
        public long getLimitBytes() {
            return store().limit();
        }

        @Override
        public long getEvictedBytes() {
            return store().evictedBytes();
        }

        @Override
        public long evict() throws IOException {
            return store().evict();
        }
    }

    private record Places(JobService service, Engine engine) implements SlotsMXBean {
        @Override
        public int getJobs() {
            return service.node().slots();
        }

        @Override
        public int getJobsUsed() {
            return service.node().running();
        }

        @Override
        public int getProcessor() {
            return engine.slots().processor().number();
        }

        @Override
        public int getProcessorUsed() {
            return engine.slots().processor().used();
        }

        @Override
        public int getGpu() {
            return engine.slots().gpu().number();
        }

        @Override
        public int getGpuUsed() {
            return engine.slots().gpu().used();
        }
    }

    private record Wellness(Health health) implements HealthMXBean {
        @Override
        public boolean isReady() {
            return health.state().ready();
        }

        @Override
        public List<String> getCauses() {
            return health.state().causes();
        }

        @Override
        public List<String> getWarnings() {
            return health.state().warnings();
        }
    }
}
