/** Tells webhooks of jobs, as the Standard Webhooks specification has it. */
package org.localav.orchestrator.webhook;
