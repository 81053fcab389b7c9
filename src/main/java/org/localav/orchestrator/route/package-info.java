/** The route folder: reading it, checking it, and running it so that an edit never loses a job. */
package org.localav.orchestrator.route;
