package org.localav.orchestrator.cli;

import picocli.CommandLine;

/** Says which avo this is. */
final class Version implements CommandLine.IVersionProvider {
    static String text() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "unreleased" : version;
    }

    @Override
    public String[] getVersion() {
        return new String[] {"avo " + text(), "Java " + System.getProperty("java.version")};
    }
}
