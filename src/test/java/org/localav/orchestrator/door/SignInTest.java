package org.localav.orchestrator.door;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.localav.orchestrator.door.Lobby.detail;
import static org.localav.orchestrator.door.Lobby.json;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How a browser comes to act with the token that it never sees, and that nobody else's page can use it. */
@Timeout(60)
class SignInTest {
    @TempDir
    static Path home;

    private static Lobby lobby;

    @BeforeAll
    static void open() throws Exception {
        lobby = new Lobby(home, Map.of());
    }

    @AfterAll
    static void close() {
        lobby.close();
    }

    private static String ask(String method, String path, String... headers) throws Exception {
        return lobby.raw(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                + String.join("", List.of(headers).stream().map(h -> h + "\r\n").toList()) + "\r\n");
    }

    private static HttpResponse<String> signIn(String field, String value) throws Exception {
        return lobby.post("/api/session", "application/json", "{\"" + field + "\": \"" + value + "\"}");
    }

    private static String cookie(HttpResponse<String> signedIn) {
        return signedIn.headers().firstValue("Set-Cookie").orElseThrow();
    }

    private static String session() throws Exception {
        return "Cookie: " + cookie(signIn("token", lobby.token())).replaceAll(";.*", "");
    }

    @Test
    void exchangesTheTokenForACookieThatNoScriptAndNoOtherSiteCanHave() throws Exception {
        HttpResponse<String> signedIn = signIn("token", lobby.token());
        HttpResponse<String> wrong = signIn("token", lobby.token() + "x");

        assertEquals(200, signedIn.statusCode());
        assertEquals("here", json(signedIn).get("node").asText());
        assertTrue(
                cookie(signedIn)
                        .matches("avo-session-" + lobby.doors.port()
                                + "=[\\w.-]+; Max-Age=2592000; .*Path=/; HTTPOnly; SameSite=Strict"),
                cookie(signedIn));
        assertFalse(cookie(signedIn).contains(lobby.token()));
        assertEquals(401, wrong.statusCode());
        assertTrue(detail(wrong).contains("avo dashboard"), detail(wrong));
    }

    @Test
    void takesTheCookieInPlaceOfTheToken() throws Exception {
        String session = session();

        String own = ask("GET", "/api/jobs", session, "Sec-Fetch-Site: same-origin");
        String changed = ask("GET", "/api/jobs", session.replaceAll(".$", session.endsWith("A") ? "B" : "A"));
        String none = ask("GET", "/api/jobs");

        assertTrue(own.startsWith("HTTP/1.1 200 "), own);
        assertTrue(changed.startsWith("HTTP/1.1 401 "), changed);
        assertTrue(none.startsWith("HTTP/1.1 401 "), none);
    }

    @Test
    void letsNoOtherPageUseTheCookie() throws Exception {
        String session = session();

        String form = ask("POST", "/api/jobs/x/cancel", session);
        String port = ask("POST", "/api/jobs/x/cancel", session, "Avo-Client: x", "Sec-Fetch-Site: same-site");
        String picture = ask("GET", "/api/jobs", session, "Sec-Fetch-Site: cross-site");
        String own = ask("POST", "/api/jobs/x/cancel", session, "Avo-Client: dashboard", "Sec-Fetch-Site: same-origin");

        assertTrue(form.startsWith("HTTP/1.1 403 "), form);
        assertTrue(port.startsWith("HTTP/1.1 403 "), port);
        assertTrue(picture.startsWith("HTTP/1.1 403 "), picture);
        assertTrue(own.startsWith("HTTP/1.1 404 "), own);
    }

    @Test
    void signsInOnceWithACode() throws Exception {
        String code = json(lobby.post("/api/session/code")).get("code").asText();

        HttpResponse<String> first = signIn("code", code);
        HttpResponse<String> second = signIn("code", code);

        assertEquals(200, first.statusCode());
        assertEquals(401, second.statusCode());
        assertTrue(lobby.doors.link().startsWith(lobby.doors.address() + "/#code="));
        assertEquals(
                200, signIn("code", lobby.doors.link().replaceAll(".*=", "")).statusCode());
    }

    @Test
    void forgetsTheSessionWhenAsked() throws Exception {
        String answer = ask("DELETE", "/api/session", session(), "Avo-Client: dashboard");

        assertTrue(answer.startsWith("HTTP/1.1 204 "), answer);
        assertTrue(answer.contains("=; Max-Age=0;"), answer);
    }

    @Test
    void sessionsAndCodesEnd() throws Exception {
        Sessions sessions = new Sessions(Token.read(home.resolve("state/token")));
        Instant now = Instant.now();
        String cookie = sessions.begin(now);
        String code = sessions.code(now);

        assertTrue(sessions.valid(cookie, now.plus(Sessions.LASTS).minusSeconds(2)));
        assertFalse(sessions.valid(cookie, now.plus(Sessions.LASTS).plusSeconds(1)));
        assertFalse(sessions.redeem(code, now.plus(Sessions.CODE_LASTS).plusSeconds(1)));
        String oldest = sessions.code(now);
        for (int i = 0; i < 20; i++) {
            sessions.code(now.plus(Duration.ofSeconds(i)));
        }
        assertFalse(sessions.redeem(oldest, now));
    }

    @Test
    void servesTheDashboardToEverybodyWithAStrictPolicyAndNothingBesideIt() throws Exception {
        String page = ask("GET", "/");
        String etag = page.replaceAll("(?s).*\\nETag: (\\S+).*", "$1");
        String again = ask("GET", "/", "If-None-Match: " + etag);

        assertTrue(page.startsWith("HTTP/1.1 200 "), page);
        assertTrue(
                page.contains("Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self';"),
                page);
        assertTrue(page.contains("X-Content-Type-Options: nosniff"), page);
        assertTrue(again.startsWith("HTTP/1.1 304 "), again);
        for (String path : List.of(
                "/dashboard/",
                "/dashboard/../openapi.yaml",
                "/dashboard/%2e%2e/application.properties",
                "/dashboard/no.js")) {
            String answer = ask("GET", path);
            assertFalse(answer.startsWith("HTTP/1.1 200 ") && !path.contains("openapi"), path + ": " + answer);
        }
        assertTrue(ask("POST", "/dashboard/app.js").startsWith("HTTP/1.1 404 "));
    }

    @Test
    void gatesAnswersFromBeingShownAsPages() throws Exception {
        String answer = ask("GET", "/api/jobs", "Authorization: Bearer " + lobby.token());

        assertTrue(
                answer.contains("Content-Security-Policy: default-src 'none'; frame-ancestors 'none'; sandbox"),
                answer);
        assertTrue(answer.contains("Cross-Origin-Resource-Policy: same-origin"), answer);
    }
}
