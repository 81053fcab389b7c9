package org.localav.orchestrator.door;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.RequestOptions;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Somebody with a browser: the system's Chromium, driven without a window. Whatever a page complains of is remembered. */
final class Visitor implements AutoCloseable {
    /** The last ones keep it from asking its maker's servers, which a test must not depend on. */
    private static final List<String> FLAGS = List.of(
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync");

    private static final int PATIENCE_MILLIS = 20_000;

    private final Playwright playwright =
            Playwright.create(new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    private final Browser browser = playwright
            .chromium()
            .launch(new BrowserType.LaunchOptions()
                    .setExecutablePath(chromium())
                    .setArgs(FLAGS));
    final List<String> complaints = new ArrayList<>();

    private static Path chromium() {
        return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .flatMap(folder -> List.of("chromium", "chromium-browser", "google-chrome").stream()
                        .map(name -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() ->
                        new AssertionError("there is no Chromium; script/bootstrap --dev installs it for these tests"));
    }

    /** How somebody looks at it. */
    record Look(int width, int height, ColorScheme scheme, String locale) {
        static final Look USUAL = new Look(1280, 900, ColorScheme.LIGHT, "en-US");
        static final Look DARK = new Look(1280, 900, ColorScheme.DARK, "en-US");
        static final Look PHONE = new Look(360, 740, ColorScheme.LIGHT, "en-US");
        static final Look CHINESE = new Look(1280, 900, ColorScheme.LIGHT, "zh-CN");
    }

    /** A page of a new browser that knows nothing of the service. */
    Page stranger(Look look) {
        BrowserContext context = browser.newContext(new Browser.NewContextOptions()
                .setViewportSize(look.width(), look.height())
                .setColorScheme(look.scheme())
                .setLocale(look.locale()));
        context.setDefaultTimeout(PATIENCE_MILLIS);
        Page page = context.newPage();
        page.onPageError(error -> complaints.add(error));
        page.onConsoleMessage(message -> {
            // What the network refused is told by the page itself, and meant so.
            if (message.type().equals("error") && !message.text().startsWith("Failed to load resource")) {
                complaints.add(message.text());
            }
        });
        return page;
    }

    /** A page that is signed in, at an address such as {@code #/jobs}. */
    Page guest(Lobby lobby, Look look, String address) throws IOException {
        Page page = stranger(look);
        page.context()
                .request()
                .post(
                        lobby.doors.address() + "/api/session",
                        RequestOptions.create().setData(Map.of("token", lobby.token())));
        page.navigate(lobby.doors.address() + "/" + address);
        page.locator("main h1").waitFor();
        return page;
    }

    /** What axe finds on a page that shuts people out, as {@code rule: elements}; of what it calls serious or worse. */
    static List<String> barriers(Page page) throws IOException {
        try (InputStream axe = Visitor.class.getResourceAsStream("/axe.min.js")) {
            page.evaluate(new String(axe.readAllBytes(), StandardCharsets.UTF_8));
        }
        Object found = page.evaluate(
                "() => axe.run(document, {resultTypes: ['violations']}).then(result => result.violations"
                        + ".filter(one => ['serious', 'critical'].includes(one.impact))"
                        + ".map(one => `${one.id}: ${one.nodes.map(node => node.html + ' ' + node.failureSummary).join('; ')}`))");
        return ((List<?>) found).stream().map(Object::toString).toList();
    }

    @Override
    public void close() {
        playwright.close();
    }
}
