package org.localav.orchestrator.job;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.localav.orchestrator.settings.InvalidSettingException;
import org.localav.orchestrator.settings.Settings;

/** Which hosts webhooks may go to: what the URL alone shows, and what the addresses behind a name decide. */
class HostPolicyTest {
    private static final String PUBLIC_ADDRESS = "93.184.216.34";

    private static HostPolicy policy(String allow, String deny, String... answers) {
        Settings settings = Settings.read(Map.of(), Map.of("webhook.allow", allow, "webhook.deny", deny));
        return HostPolicy.of(settings, host -> Arrays.stream(answers.length == 0 ? new String[] {host} : answers)
                .map(HostPolicyTest::address)
                .toArray(InetAddress[]::new));
    }

    private static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.255.255.254",
                "2130706433",
                "0",
                "0.0.0.0",
                "127.1",
                "10.1.2.3",
                "172.16.0.1",
                "172.31.255.255",
                "192.168.1.1",
                "100.64.0.1",
                "100.100.100.200",
                "192.0.0.192",
                "198.18.0.1",
                "203.0.113.9",
                "168.63.129.16",
                "224.0.0.1",
                "240.0.0.1",
                "255.255.255.255",
                "169.254.169.254",
                "::1",
                "::",
                "[::1]",
                "[::ffff:127.0.0.1]",
                "::ffff:10.0.0.1",
                "::127.0.0.1",
                "64:ff9b::7f00:1",
                "64:ff9b:1::a00:1",
                "2002:7f00:1::",
                "2001:0:5ef5:79fd::1",
                "2001:db8::1",
                "fe80::1",
                "fc00::1",
                "fd00:ec2::254",
                "fec0::1",
                "ff02::1",
                "100::1"
            })
    void refusesWhatIsNoPublicAddress(String host) {
        assertThrows(RefusedHostException.class, () -> policy("", "").addresses(host));
        assertThrows(RefusedHostException.class, () -> policy("public", "").addresses(host));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {PUBLIC_ADDRESS, "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "[2a00:1450::1]"})
    void allowsPublicAddresses(String host) throws Exception {
        assertEquals(1, policy("", "").addresses(host).length);
    }

    @Test
    void refusesANameWhenOneOfItsAddressesIsInside() {
        HostPolicy policy = policy("", "", PUBLIC_ADDRESS, "10.0.0.7");

        String why = assertThrows(RefusedHostException.class, () -> policy.addresses("both.example"))
                .getMessage();

        assertEquals(
                "the host 'both.example' leads to 10.0.0.7, a private address: if it is meant, the operator can add it"
                        + " to webhook.allow",
                why);
    }

    @Test
    void asksForTheAddressesOnceAndGivesThem() throws Exception {
        InetAddress[] found = policy("", "", PUBLIC_ADDRESS, "8.8.8.8").addresses("two.example");

        assertArrayEquals(new InetAddress[] {address(PUBLIC_ADDRESS), address("8.8.8.8")}, found);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ci.lan            | ci.lan       | 10.0.0.5",
                "CI.lan.           | ci.lan       | 10.0.0.5",
                "*.lan             | ci.lan       | fd00::5",
                "10.0.0.0/8        | ci.lan       | 10.0.0.5",
                "10.0.0.5          | ci.lan       | 10.0.0.5",
                "public,10.0.0.5   | ci.lan       | 10.0.0.5",
                "public,10.0.0.5   | ci.example   | 93.184.216.34",
                "fd00::/8          | ci.lan       | fd00::5",
                "localhost         | localhost    | 127.0.0.1",
                "127.0.0.0/8       | x.example    | 127.0.0.1"
            })
    void allowsWhatTheOperatorNames(String allow, String host, String address) throws Exception {
        HostPolicy policy = policy(allow, "", address);

        assertEquals(1, policy.addresses(host).length);
        assertEquals(Optional.empty(), policy.refusal("https://" + host + "/hook"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ci.lan            |              | other.lan    | 10.0.0.5",
                "*.lan             |              | lan          | 10.0.0.5",
                "*.lan             |              | evillan      | 10.0.0.5",
                "ci.example        |              | x.example    | 93.184.216.34",
                "10.0.0.0/8        |              | x.example    | 11.0.0.1",
                "public            | x.example    | x.example    | 93.184.216.34",
                "public            | x.example    | X.example.   | 93.184.216.34",
                "public            | 93.0.0.0/8   | x.example    | 93.184.216.34",
                "ci.lan            | 10.0.0.5     | ci.lan       | 10.0.0.5",
                "x.example         | public       | x.example    | 93.184.216.34",
                "2002::/16         | 10.0.0.0/8   | x.example    | 2002:a00:1::"
            })
    void refusesWhatTheOperatorDoesNotNameOrDenies(String allow, String deny, String host, String address) {
        HostPolicy policy = policy(allow, deny == null ? "" : deny, address);

        assertThrows(RefusedHostException.class, () -> policy.addresses(host));
    }

    @ParameterizedTest
    @ValueSource(strings = {"169.254.169.254", "fe80::1", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::"})
    void refusesLinkLocalAddressesWhoeverAllowsThem(String address) {
        HostPolicy policy = policy("metadata.example,0.0.0.0/0,::/0,public", "", address);

        String why = assertThrows(RefusedHostException.class, () -> policy.addresses("metadata.example"))
                .getMessage();

        assertTrue(why.endsWith("a link-local address: no webhook goes there"), why);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "http://127.0.0.1/     | the host is 127.0.0.1, a loopback address: if it is meant, the operator can add it to webhook.allow",
                "http://localhost:80/  | the host 'localhost' leads to 127.0.0.1, a loopback address: if it is meant, the operator can add it to webhook.allow",
                "http://[::1]:8080/    | the host '::1' leads to 0:0:0:0:0:0:0:1, a loopback address: if it is meant, the operator can add it to webhook.allow",
                "http://169.254.169.254/latest | the host is 169.254.169.254, a link-local address: no webhook goes there",
                "http://2130706433/    | '2130706433' is neither a name nor an address; write an address as 192.0.2.1",
                "http://0/             | '0' is neither a name nor an address; write an address as 192.0.2.1",
                "file:///etc/passwd    | this is no web address; write https://host/path",
                "ftp://x.example/      | this is no web address; write https://host/path",
                "http://x.example:0/   | this is no web address; write https://host/path",
                "http://x.example/ a   | this is no URL; write https://host/path",
                "http://me:pw@x.example/ | a URL must not hold a user name or password; remove what stands before the '@'",
                "http://bad.example/   | the operator allows no webhooks to the host 'bad.example' (webhook.deny)"
            })
    void saysWhatTheUrlAloneShows(String url, String sentence) {
        assertEquals(Optional.of(sentence), policy("", "bad.example").refusal(url));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://0x7f.1/",
                "http://0x7f000001/",
                "http://127.1/",
                "http://0177.0.0.1/",
                "http://１２７.0.0.1/"
            })
    void refusesOtherWaysToWriteAnAddress(String url) {
        assertTrue(policy("", "").refusal(url).isPresent());
    }

    @Test
    void leavesNamesToTheirAddressesUnlessOnlyNamesAreAllowed() {
        assertEquals(Optional.empty(), policy("", "").refusal("https://x.example/"));
        assertEquals(Optional.empty(), policy("ci.lan,10.0.0.0/8", "").refusal("https://x.example/"));
        assertEquals(
                Optional.of("the host 'x.example' is not among those that the operator allows webhooks to"
                        + " (webhook.allow)"),
                policy("ci.lan", "").refusal("https://x.example/"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://x.example", "10.0.0.0/33", "a b", "*", "x.example:80", "10.0.0.0/"})
    void refusesASettingThatIsNoHost(String word) {
        String why = assertThrows(InvalidSettingException.class, () -> policy(word, ""))
                .getMessage();

        assertTrue(why.startsWith("webhook.allow: '" + word + "' is no host; write a name"), why);
    }
}
