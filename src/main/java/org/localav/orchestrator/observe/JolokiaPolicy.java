package org.localav.orchestrator.observe;

import java.util.Set;
import java.util.regex.Pattern;
import javax.management.ObjectName;
import org.jolokia.server.core.service.api.Restrictor;
import org.jolokia.server.core.util.HttpMethod;
import org.jolokia.server.core.util.RequestType;

/**
 * What may be done through Jolokia: look at beans and draw routes. Where the operator has opened it, also start and stop
 * routes and use the operations of the service's own beans. Nothing else, as much of what Camel and Java offer over JMX is a
 * way to run programs and write files: sending to any endpoint, a dump of the heap to any path.
 */
public final class JolokiaPolicy implements Restrictor {
    private static final String CAMEL = "org.apache.camel";
    private static final Pattern LOOKS = Pattern.compile("dump(Routes?|Step)[A-Za-z]*As(Xml|Yaml|JSon)|processorIds");
    private static final Set<String> ACTS = Set.of("start", "stop", "restart", "suspend", "resume", "reset");
    private static final Set<String> STOPPABLE = Set.of("routes", "consumers");
    private static final Set<RequestType> TYPES =
            Set.of(RequestType.READ, RequestType.LIST, RequestType.SEARCH, RequestType.VERSION, RequestType.EXEC);

    /** Where a command line or a property may hold what others should not see. */
    private static final Set<String> UNSEEN = Set.of("SystemProperties", "InputArguments");

    private final boolean opened;

    /** @param opened whether it may change something */
    public JolokiaPolicy(boolean opened) {
        this.opened = opened;
    }

    @Override
    public boolean isOperationAllowed(ObjectName bean, String operation) {
        return looks(bean, operation) || opened && acts(bean, name(operation));
    }

    private static boolean acts(ObjectName bean, String name) {
        return bean.getDomain().equals(CAMEL)
                ? ACTS.contains(name) && STOPPABLE.contains(String.valueOf(bean.getKeyProperty("type")))
                : bean.getDomain().equals(ServiceBeans.DOMAIN);
    }

    /** Whether an operation is only a look at something. */
    public static boolean looks(ObjectName bean, String operation) {
        String name = name(operation);
        return bean.getDomain().equals(CAMEL)
                ? LOOKS.matcher(name).matches()
                : bean.getDomain().equals(ServiceBeans.DOMAIN) && name.equals("jobs");
    }

    /** Whether the audit log has what this bean does anyway, whoever asks for it. */
    public static boolean tellsItself(ObjectName bean) {
        return bean.getDomain().equals(ServiceBeans.DOMAIN) && "Queue".equals(bean.getKeyProperty("type"));
    }

    /** An operation's name without the types of its arguments. */
    public static String name(String operation) {
        return operation.replaceAll("\\(.*", "");
    }

    @Override
    public boolean isTypeAllowed(RequestType type) {
        return TYPES.contains(type);
    }

    @Override
    public boolean isAttributeReadAllowed(ObjectName bean, String attribute) {
        return !UNSEEN.contains(attribute);
    }

    @Override
    public boolean isAttributeWriteAllowed(ObjectName bean, String attribute) {
        return false;
    }

    @Override
    public boolean isObjectNameHidden(ObjectName bean) {
        return false;
    }

    @Override
    public boolean isHttpMethodAllowed(HttpMethod method) {
        return true;
    }

    /** Decided before Jolokia is asked. */
    @Override
    public boolean isRemoteAccessAllowed(String... hosts) {
        return true;
    }

    /** No page of another origin is told that it may read an answer. */
    @Override
    public boolean isOriginAllowed(String origin, boolean strictly) {
        return false;
    }
}
