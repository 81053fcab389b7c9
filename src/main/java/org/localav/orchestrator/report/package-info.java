/** A run's report as a page for people: one file that needs nothing beside it. */
package org.localav.orchestrator.report;
