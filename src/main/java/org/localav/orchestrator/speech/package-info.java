/** Having text spoken by another program over HTTP: requests, answers, and the local voice. Knows no Camel. */
package org.localav.orchestrator.speech;
