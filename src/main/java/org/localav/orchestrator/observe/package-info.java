/** The service seen from outside: its metrics, whether it is well, and its beans for JMX. */
package org.localav.orchestrator.observe;
