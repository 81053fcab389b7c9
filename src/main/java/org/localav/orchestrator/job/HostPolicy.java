package org.localav.orchestrator.job;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.localav.orchestrator.settings.InvalidSettingException;
import org.localav.orchestrator.settings.Settings;

/**
 * Which hosts webhooks may go to. Whoever writes a spec chooses the URL, but must not reach the operator's own network
 * with it: unless they are allowed by name or range, only public addresses are, and link-local ones never, since a
 * cloud's machines learn their credentials there.
 */
public final class HostPolicy {
    private static final String PUBLIC = "public";
    private static final List<AddressRange> LINK_LOCAL =
            List.of(AddressRange.of("169.254.0.0/16"), AddressRange.of("fe80::/10"));
    private static final AddressRange GLOBAL_SIX = AddressRange.of("2000::/3");

    /** What lies in these is no public host, whatever a name says; see the registries of special-purpose addresses. */
    private static final Map<AddressRange, String> SPECIAL = special();

    private final Rules allow;
    private final Rules deny;
    private final Lookup lookup;

    /** Finds the addresses of a name. */
    @FunctionalInterface
    public interface Lookup {
        InetAddress[] addresses(String host) throws UnknownHostException;
    }

    private HostPolicy(Rules allow, Rules deny, Lookup lookup) {
        this.allow = allow;
        this.deny = deny;
        this.lookup = lookup;
    }

    /** @throws InvalidSettingException when a setting holds what is no host */
    public static HostPolicy of(Settings settings) {
        return of(settings, InetAddress::getAllByName);
    }

    public static HostPolicy of(Settings settings, Lookup lookup) {
        Rules allow = Rules.read(settings, "webhook.allow");
        return new HostPolicy(
                allow.nothing() ? new Rules(List.of(), List.of(), true) : allow,
                Rules.read(settings, "webhook.deny"),
                lookup);
    }

    private record Rules(List<String> names, List<AddressRange> ranges, boolean everythingPublic) {
        static Rules read(Settings settings, String key) {
            List<String> names = new ArrayList<>();
            List<AddressRange> ranges = new ArrayList<>();
            boolean everythingPublic = false;
            for (String word : settings.words(key)) {
                String host = normal(word);
                Optional<AddressRange> range = AddressRange.read(host);
                if (range.isPresent()) {
                    ranges.add(range.get());
                } else if (host.equals(PUBLIC)) {
                    everythingPublic = true;
                } else if (host.matches("(\\*\\.)?[a-z0-9_-]+(\\.[a-z0-9_-]+)*")) {
                    names.add(host);
                } else {
                    throw new InvalidSettingException(
                            key + ": '" + word
                                    + "' is no host; write a name, *.domain, an address, a range such as 10.0.0.0/8, or public");
                }
            }
            return new Rules(names, ranges, everythingPublic);
        }

        boolean nothing() {
            return names.isEmpty() && ranges.isEmpty() && !everythingPublic;
        }

        boolean names(String host) {
            return names.stream().anyMatch(n -> n.startsWith("*.") ? host.endsWith(n.substring(1)) : host.equals(n));
        }

        boolean holds(InetAddress address) {
            return ranges.stream().anyMatch(r -> r.contains(address))
                    || everythingPublic && kind(address).isEmpty();
        }
    }

    /**
     * Why no message may go to a URL, as far as the URL alone shows; the addresses of a name are checked when it is
     * connected to.
     */
    public Optional<String> refusal(String url) {
        URI uri;
        try {
            uri = new URI(url);
        } catch (URISyntaxException e) {
            return Optional.of("this is no URL; write https://host/path");
        }
        boolean web = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
        if (!web || uri.getHost() == null || uri.getPort() == 0 || uri.getPort() > 65535) {
            return Optional.of("this is no web address; write https://host/path");
        }
        if (uri.getRawUserInfo() != null) {
            return Optional.of("a URL must not hold a user name or password; remove what stands before the '@'");
        }
        String host = normal(uri.getHost());
        Optional<InetAddress> literal = host.equals("localhost") || host.endsWith(".localhost")
                ? AddressRange.literal("127.0.0.1")
                : AddressRange.literal(host);
        if (literal.isPresent()) {
            return refusal(host, literal.get());
        }
        // Java and others take 2130706433, 0x7f.1 or 0 for addresses of this machine.
        if (host.matches("(.*\\.)?(\\d+|0x[0-9a-f]*)")) {
            return Optional.of("'" + host + "' is neither a name nor an address; write an address as 192.0.2.1");
        }
        if (deny.names(host)) {
            return Optional.of(denied(host));
        }
        boolean undecided =
                allow.names(host) || allow.everythingPublic() || !allow.ranges().isEmpty();
        return undecided ? Optional.empty() : Optional.of(notListed(host));
    }

    /**
     * Looks a host up, once: whoever connects must use these addresses and not ask again, since the next answer may be
     * another one.
     *
     * @throws RefusedHostException when a single one of its addresses is not allowed
     */
    public InetAddress[] addresses(String name) throws UnknownHostException {
        String host = normal(name);
        InetAddress[] addresses = lookup.addresses(host);
        for (InetAddress address : addresses) {
            Optional<String> why = refusal(host, address);
            if (why.isPresent()) {
                throw new RefusedHostException(why.get());
            }
        }
        return addresses;
    }

    private Optional<String> refusal(String host, InetAddress address) {
        Optional<InetAddress> inside = AddressRange.inside(address);
        if (linkLocal(address) || inside.filter(HostPolicy::linkLocal).isPresent()) {
            return Optional.of(leads(host, address) + ", a link-local address: no webhook goes there");
        }
        if (deny.names(host)
                || deny.holds(address)
                || inside.filter(deny::holds).isPresent()) {
            return Optional.of(denied(host));
        }
        if (allow.names(host) || allow.holds(address)) {
            return Optional.empty();
        }
        return Optional.of(kind(address)
                .map(kind -> leads(host, address) + ", " + kind
                        + ": if it is meant, the operator can add it to webhook.allow")
                .orElseGet(() -> notListed(host)));
    }

    private static String leads(String host, InetAddress address) {
        String text = address.getHostAddress();
        return host.equals(text) ? "the host is " + text : "the host '" + host + "' leads to " + text;
    }

    private static String denied(String host) {
        return "the operator allows no webhooks to the host '" + host + "' (webhook.deny)";
    }

    private static String notListed(String host) {
        return "the host '" + host + "' is not among those that the operator allows webhooks to (webhook.allow)";
    }

    private static boolean linkLocal(InetAddress address) {
        return LINK_LOCAL.stream().anyMatch(r -> r.contains(address));
    }

    /** What an address is when it is not public. */
    private static Optional<String> kind(InetAddress address) {
        for (Map.Entry<AddressRange, String> one : SPECIAL.entrySet()) {
            if (one.getKey().contains(address)) {
                return Optional.of(one.getValue());
            }
        }
        boolean six = address.getAddress().length == 16;
        return six && !GLOBAL_SIX.contains(address) ? Optional.of("a special address") : Optional.empty();
    }

    private static Map<AddressRange, String> special() {
        Map<AddressRange, String> special = new LinkedHashMap<>();
        put(special, "a loopback address", "127.0.0.0/8", "::1");
        put(special, "a link-local address", "169.254.0.0/16", "fe80::/10");
        put(special, "no address", "0.0.0.0/8", "::");
        put(special, "a private address", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fec0::/10");
        put(special, "an address shared behind a carrier's translator", "100.64.0.0/10");
        put(special, "a multicast address", "224.0.0.0/4", "ff00::/8");
        put(special, "an address for protocols", "192.0.0.0/24", "192.88.99.0/24", "2001::/23");
        put(special, "an address for documents", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24");
        put(special, "an address for documents", "2001:db8::/32", "3fff::/20");
        put(special, "an address for benchmarks", "198.18.0.0/15");
        put(special, "a reserved address", "240.0.0.0/4");
        put(special, "the host of a virtual machine", "168.63.129.16");
        put(special, "a tunnel to an IPv4 address", "2002::/16", "64:ff9b::/96", "64:ff9b:1::/48", "::/96");
        return special;
    }

    private static void put(Map<AddressRange, String> special, String kind, String... ranges) {
        for (String range : ranges) {
            special.put(AddressRange.of(range), kind);
        }
    }

    /** As it is compared: lower case, without brackets and without the dot that a full name may end with. */
    private static String normal(String host) {
        String text = host.toLowerCase(Locale.ROOT);
        if (text.startsWith("[") && text.endsWith("]")) {
            text = text.substring(1, text.length() - 1);
        }
        return text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
    }
}
