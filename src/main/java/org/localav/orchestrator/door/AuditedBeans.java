package org.localav.orchestrator.door;

import java.util.LinkedHashMap;
import java.util.Map;
import javax.management.AttributeNotFoundException;
import javax.management.InstanceNotFoundException;
import javax.management.MBeanException;
import javax.management.ReflectionException;
import org.jolokia.server.core.request.EmptyResponseException;
import org.jolokia.server.core.request.JolokiaExecRequest;
import org.jolokia.server.core.request.JolokiaRequest;
import org.jolokia.server.core.request.JolokiaWriteRequest;
import org.jolokia.server.core.request.NotChangedException;
import org.jolokia.service.jmx.LocalRequestHandler;
import org.localav.orchestrator.audit.Audit;
import org.localav.orchestrator.observe.JolokiaPolicy;

/** The beans as Jolokia reaches them; what is to change something stands in the audit log, also when it was refused. */
final class AuditedBeans extends LocalRequestHandler {
    private final Audit audit;

    AuditedBeans(Audit audit) {
        super(1);
        this.audit = audit;
    }

    @Override
    public <R extends JolokiaRequest> Object handleRequest(R request, Object before)
            throws InstanceNotFoundException, AttributeNotFoundException, ReflectionException, MBeanException,
                    NotChangedException, EmptyResponseException {
        String result = "failed";
        try {
            Object value = super.handleRequest(request, before);
            result = "done";
            return value;
        } catch (SecurityException e) {
            result = "refused";
            throw e;
        } finally {
            wrote(request, result);
        }
    }

    private void wrote(JolokiaRequest request, String result) {
        if (request instanceof JolokiaExecRequest exec) {
            boolean told = result.equals("done") && JolokiaPolicy.tellsItself(exec.getObjectName());
            if (!told && !JolokiaPolicy.looks(exec.getObjectName(), exec.getOperation())) {
                wrote(exec.getObjectNameAsString(), "operation", JolokiaPolicy.name(exec.getOperation()), result);
            }
        } else if (request instanceof JolokiaWriteRequest write) {
            wrote(write.getObjectNameAsString(), "attribute", write.getAttributeName(), result);
        }
    }

    /** Arguments and values are left out, as they may hold a secret. */
    private void wrote(String bean, String kind, String name, String result) {
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("bean", bean);
        details.put(kind, name);
        details.put("result", result);
        audit.wrote("operated", "", details);
    }
}
