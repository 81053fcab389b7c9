package org.localav.orchestrator.route;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** A server made of a bare socket, to answer as no decent server would. */
public final class FaultyServer implements AutoCloseable {
    /** Writes whatever it likes after a request was read. */
    public interface Behaviour {
        void answer(Socket socket, OutputStream out) throws IOException, InterruptedException;
    }

    private final ServerSocket listening;
    private final Behaviour behaviour;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    final List<String> heads = new CopyOnWriteArrayList<>();
    /** Counted down when the first request has been read. */
    final CountDownLatch asked = new CountDownLatch(1);
    /** Counted down when a client went away while it was written to. */
    final CountDownLatch left = new CountDownLatch(1);

    public FaultyServer(Behaviour behaviour) throws IOException {
        this.listening = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        this.behaviour = behaviour;
        Thread accepting = new Thread(this::accept, "faulty-server");
        accepting.setDaemon(true);
        accepting.start();
    }

    /** Answers with a text as it stands, then closes. */
    static FaultyServer saying(String answer) throws IOException {
        return new FaultyServer((socket, out) -> out.write(answer.getBytes(StandardCharsets.ISO_8859_1)));
    }

    /** Writes a head, then a piece again and again until the client has gone. */
    static FaultyServer dripping(String head, byte[] piece, long pauseMillis) throws IOException {
        return new FaultyServer((socket, out) -> {
            out.write(head.getBytes(StandardCharsets.ISO_8859_1));
            while (true) {
                out.write(piece);
                out.flush();
                if (pauseMillis > 0) {
                    Thread.sleep(pauseMillis);
                }
            }
        });
    }

    public String url() {
        return "http://127.0.0.1:" + listening.getLocalPort() + "/v1";
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket socket = listening.accept();
                sockets.add(socket);
                Thread serving = new Thread(() -> serve(socket), "faulty-answer");
                serving.setDaemon(true);
                serving.start();
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            readRequest(socket.getInputStream());
            asked.countDown();
            behaviour.answer(socket, socket.getOutputStream());
        } catch (IOException e) {
            left.countDown();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void readRequest(InputStream raw) throws IOException {
        InputStream in = new BufferedInputStream(raw);
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int b = in.read();
            if (b < 0) {
                throw new IOException("no request");
            }
            head.append((char) b);
        }
        heads.add(head.toString());
        int length = head.toString()
                .lines()
                .filter(line -> line.regionMatches(true, 0, "Content-Length:", 0, 15))
                .mapToInt(line -> Integer.parseInt(line.substring(15).strip()))
                .findFirst()
                .orElse(0);
        in.readNBytes(length);
    }

    @Override
    public void close() throws IOException {
        listening.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
