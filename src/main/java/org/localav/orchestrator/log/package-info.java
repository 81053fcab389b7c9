/** Log lines: how they look, and what each carries. */
package org.localav.orchestrator.log;
