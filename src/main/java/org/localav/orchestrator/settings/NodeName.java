package org.localav.orchestrator.settings;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** What a node is called: as the settings say, or else like its machine. It names a folder, too. */
public final class NodeName {
    private NodeName() {}

    /** @throws InvalidSettingException when it could not name a folder */
    public static String of(Settings settings) {
        String name = settings.text("node.name");
        if (name.isBlank()) {
            return machine();
        }
        if (!name.matches("[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}")) {
            throw new InvalidSettingException("node.name: '" + name
                    + "' should be at most 63 letters, digits, dots, - and _, and not begin with a dot");
        }
        return name;
    }

    private static String machine() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }
}
