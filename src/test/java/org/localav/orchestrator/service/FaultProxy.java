package org.localav.orchestrator.service;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A network between a client and a server that can be cut: nothing passes then, and neither side is told. */
final class FaultProxy implements AutoCloseable {
    private final ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final int server;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final Object lock = new Object();
    private boolean cut;

    /** @param server its port on this machine */
    FaultProxy(int server) throws IOException {
        this.server = server;
        thread(this::accept);
    }

    int port() {
        return listening.getLocalPort();
    }

    private static void thread(Runnable work) {
        Thread thread = new Thread(work, "fault-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket client = keep(listening.accept());
                Socket onward = keep(new Socket());
                onward.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server), 1_000);
                thread(() -> pass(client, onward));
                thread(() -> pass(onward, client));
            } catch (IOException e) {
                // The server is down; a client sees its connection close.
                closeAll(false);
            }
        }
    }

    private Socket keep(Socket socket) throws IOException {
        socket.setTcpNoDelay(true);
        sockets.add(socket);
        return socket;
    }

    private void pass(Socket from, Socket to) {
        byte[] bytes = new byte[16_384];
        try (from;
                to;
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
                awaitWhole();
                out.write(bytes, 0, read);
                out.flush();
            }
        } catch (IOException e) {
            // One side has gone, and the other is closed with it.
            return;
        } finally {
            sockets.remove(from);
            sockets.remove(to);
        }
    }

    private void awaitWhole() throws IOException {
        synchronized (lock) {
            while (cut && !listening.isClosed()) {
                try {
                    lock.wait();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
            }
        }
    }

    void cut() {
        synchronized (lock) {
            cut = true;
        }
    }

    /** Makes it whole again; what was on its way may have been lost with its connection. */
    void mend(boolean closing) {
        if (closing) {
            closeAll(true);
        }
        synchronized (lock) {
            cut = false;
            lock.notifyAll();
        }
    }

    private void closeAll(boolean open) {
        for (Socket socket : sockets) {
            if (open || !socket.isConnected()) {
                try {
                    socket.close();
                } catch (IOException e) {
                    sockets.remove(socket);
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        mend(true);
    }
}
