package org.localav.orchestrator.service;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.localav.orchestrator.route.FaultyServer;
import org.localav.orchestrator.webhook.Receiver;

/**
 * A service whose speech server answers the first request of each job as no server should, and whose webhook's receiver is
 * down for a while: no job is lost by the one, and no message by the other, also when the service is killed in between.
 */
final class SickServers {
    private static final String SOUND = "HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\nContent-Length: ";
    private static final FaultyServer.Behaviour SLOW = (socket, out) -> {
        while (true) {
            out.write(SOUND.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            TimeUnit.MILLISECONDS.sleep(100);
        }
    };

    private final byte[] voice;
    private final AtomicReference<FaultyServer.Behaviour> fault = new AtomicReference<>();

    private SickServers(byte[] voice) {
        this.voice = voice;
    }

    static boolean run(Path avo, Path home) throws Exception {
        int port = free();
        Path sound = Files.createDirectories(home.resolve("jobs")).resolve("answer.wav");
        new ServedAvo(avo, home).draw(sound.getFileName().toString(), "-f lavfi -i sine=300:d=1");
        SickServers sick = new SickServers(Files.readAllBytes(sound));
        try (FaultyServer speech = new FaultyServer(sick::answer)) {
            Ordeal ordeal = new Ordeal(
                    avo, home, "tts.openai.base_url=" + speech.url(), "tts.timeout=2s", "webhook.allow=127.0.0.1");
            try {
                ordeal.start();
                System.out.println();
                sick.speakBadly(ordeal);
                boolean told = tellNobody(ordeal, port);
                return ordeal.reckon() && told;
            } finally {
                ordeal.kill();
            }
        }
    }

    // ---- speech ----

    private Map<String, FaultyServer.Behaviour> faults() {
        Map<String, FaultyServer.Behaviour> faults = new LinkedHashMap<>();
        faults.put("slow", SLOW);
        faults.put("500", saying("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"));
        faults.put("429", saying("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"));
        faults.put("reset", (socket, out) -> socket.setSoLinger(true, 0));
        faults.put("truncated", (socket, out) -> {
            out.write((SOUND + voice.length + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
            out.write(voice, 0, voice.length / 2);
        });
        faults.put("wrong type", saying("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\noops"));
        faults.put("empty", saying(SOUND + "0\r\n\r\n"));
        return faults;
    }

    private static FaultyServer.Behaviour saying(String answer) {
        return (socket, out) -> out.write(answer.getBytes(StandardCharsets.ISO_8859_1));
    }

    private void speakBadly(Ordeal ordeal) throws Exception {
        for (Map.Entry<String, FaultyServer.Behaviour> next : faults().entrySet()) {
            fault.set(next.getValue());
            String id = ordeal.submit("spoken");
            System.out.printf("speech server %s: job %s%n", next.getKey(), ordeal.retried(ordeal.ended(id)));
            if (fault.get() != null) {
                throw new IllegalStateException("job " + id + " never asked the speech server");
            }
        }
    }

    private void answer(Socket socket, OutputStream out) throws IOException, InterruptedException {
        FaultyServer.Behaviour bad = fault.getAndSet(null);
        if (bad != null) {
            bad.answer(socket, out);
            return;
        }
        out.write((SOUND + voice.length + "\r\nConnection: close\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
        out.write(voice);
    }

    // ---- the webhook ----

    /** Whether the receiver heard of the job although it was down when the job ended, and of each message once. */
    private static boolean tellNobody(Ordeal ordeal, int port) throws Exception {
        String id = ordeal.submit("song", ", webhooks: [{url: \"http://127.0.0.1:" + port + "/hook\"}]");
        ordeal.ended(id);
        while (deliveries(ordeal, id).isEmpty()) {
            TimeUnit.MILLISECONDS.sleep(50);
        }
        ordeal.kill();
        ordeal.service.start();
        try (Receiver receiver = new Receiver(port)) {
            String text = receiver.next().text();
            boolean right = text.contains("job.succeeded") && text.contains(id);
            boolean once = receiver.heard.poll(2, TimeUnit.SECONDS) == null;
            System.out.printf(
                    "webhook receiver down, service killed, receiver back: %s%n",
                    right ? once ? "told once" : "told twice" : "told " + text);
            return right && once;
        }
    }

    private static JsonNode deliveries(Ordeal ordeal, String id) throws Exception {
        return ordeal.service.read("/api/jobs/" + id + "/deliveries").path("deliveries");
    }

    private static int free() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
