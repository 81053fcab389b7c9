/** The ways into the running service: the context their routes run in, and what the routes of the HTTP API call. */
package org.localav.orchestrator.door;
