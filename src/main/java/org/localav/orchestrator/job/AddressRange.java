package org.localav.orchestrator.job;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/** Addresses that begin with the same bits, as {@code 10.0.0.0/8}; a single address is a range of one. */
final class AddressRange {
    private final byte[] base;
    private final int bits;

    private AddressRange(byte[] base, int bits) {
        this.base = base;
        this.bits = bits;
    }

    /** Reads an address or a range; empty when the text is neither. */
    static Optional<AddressRange> read(String text) {
        int slash = text.indexOf('/');
        Optional<InetAddress> address = literal(slash < 0 ? text : text.substring(0, slash));
        if (address.isEmpty()) {
            return Optional.empty();
        }
        byte[] base = address.get().getAddress();
        if (slash < 0) {
            return Optional.of(new AddressRange(base, base.length * 8));
        }
        String bits = text.substring(slash + 1);
        return bits.matches("\\d{1,3}") && Integer.parseInt(bits) <= base.length * 8
                ? Optional.of(new AddressRange(base, Integer.parseInt(bits)))
                : Optional.empty();
    }

    /** A range that the program itself knows. */
    static AddressRange of(String text) {
        return read(text).orElseThrow();
    }

    /** The address a host is itself, without asking any server for it; empty for a name. */
    static Optional<InetAddress> literal(String host) {
        String four = "\\d{1,3}(\\.\\d{1,3}){3}";
        if (!host.matches(four) && !host.matches("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(%.*)?")) {
            return Optional.empty();
        }
        try {
            // In brackets nothing but an IPv6 address is understood, so no name can be looked up.
            return Optional.of(InetAddress.getByName(host.indexOf(':') < 0 ? host : "[" + host + "]"));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    boolean contains(InetAddress address) {
        byte[] other = address.getAddress();
        if (other.length != base.length) {
            return false;
        }
        for (int bit = 0; bit < bits; bit++) {
            int mask = 0x80 >> (bit % 8);
            if ((other[bit / 8] & mask) != (base[bit / 8] & mask)) {
                return false;
            }
        }
        return true;
    }

    /** The IPv4 address that translators and tunnels make of an IPv6 one. */
    static Optional<InetAddress> inside(InetAddress address) {
        if (address instanceof Inet4Address) {
            return Optional.empty();
        }
        if (of("2002::/16").contains(address)) {
            return Optional.of(four(address, 2, 0));
        }
        if (of("2001::/32").contains(address)) {
            return Optional.of(four(address, 12, 0xff));
        }
        boolean last = of("64:ff9b::/96").contains(address)
                || of("64:ff9b:1::/48").contains(address)
                || of("::/96").contains(address);
        return last ? Optional.of(four(address, 12, 0)) : Optional.empty();
    }

    private static InetAddress four(InetAddress address, int from, int flip) {
        byte[] all = ((Inet6Address) address).getAddress();
        byte[] four = new byte[4];
        for (int i = 0; i < 4; i++) {
            four[i] = (byte) (all[from + i] ^ flip);
        }
        try {
            return InetAddress.getByAddress(four);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}
