/** Who asked for what, and the spans of the work that came of it, as W3C Trace Context and OpenTelemetry have them. */
package org.localav.orchestrator.trace;
