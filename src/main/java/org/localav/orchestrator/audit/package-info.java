/** Who did what: an append-only log in which a line that is changed or missing shows. */
package org.localav.orchestrator.audit;
