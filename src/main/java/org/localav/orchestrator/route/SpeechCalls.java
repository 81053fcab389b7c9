package org.localav.orchestrator.route;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.component.http.HttpClientConfigurer;
import org.apache.camel.support.SynchronizationAdapter;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.core5.concurrent.Cancellable;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.localav.orchestrator.process.Cancellation;
import org.localav.orchestrator.speech.HttpCall;
import org.localav.orchestrator.speech.Provider;
import org.localav.orchestrator.speech.Reception;
import org.localav.orchestrator.speech.Secrets;
import org.localav.orchestrator.speech.SpeechAnswer;
import org.localav.orchestrator.speech.SpeechException;
import org.localav.orchestrator.speech.SpeechRequest;
import org.localav.orchestrator.stage.StageLifecycle;

/**
 * Bounds every HTTP call that asks for speech: hung into camel-http's client, it finds the call by its request id, adds
 * the secret headers, ends it when cancelled or late, and takes the answer in as it comes. No secret is ever in an
 * exchange.
 */
public final class SpeechCalls implements HttpClientConfigurer {
    private static final String ID = "X-Request-Id";
    private static final String CALL = "speechCall";

    private final Map<String, Call> calls = new ConcurrentHashMap<>();
    private final Secrets secrets;

    private record Call(
            SpeechRequest request, HttpCall http, Reception reception, CompletableFuture<SpeechAnswer> answer) {}

    SpeechCalls(Secrets secrets) {
        this.secrets = secrets;
    }

    /** Makes an exchange ready for the {@code http:} endpoint of a provider's route. */
    void lay(Exchange exchange, SpeechRequest request, Provider provider) throws SpeechException {
        HttpCall http = provider.call(request);
        Call call = new Call(request, http, new Reception(provider, request, secrets), new CompletableFuture<>());
        if (calls.putIfAbsent(request.requestId(), call) != null) {
            throw new IllegalArgumentException("two calls for speech have the request id " + request.requestId());
        }
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                calls.remove(request.requestId());
            }
        });
        exchange.setProperty(CALL, call);
        Message message = exchange.getMessage();
        // What other steps left would be sent to the provider.
        message.removeHeaders("*");
        message.setHeader(Exchange.HTTP_URI, http.url());
        message.setHeader(Exchange.HTTP_METHOD, http.method());
        message.setHeader(ID, request.requestId());
        StageLifecycle.span(exchange).parent().ifPresent(trace -> message.setHeader("traceparent", trace.text()));
        message.setHeader(Exchange.CONTENT_TYPE, http.headers().get("Content-Type"));
        message.setBody(http.body());
    }

    /** Puts the answer that was taken in where the route's caller expects it: in the body. */
    void fetch(Exchange exchange) throws SpeechException {
        Call call = exchange.getProperty(CALL, Call.class);
        exchange.removeProperty(CALL);
        SpeechAnswer answer = call == null ? null : call.answer().getNow(null);
        if (answer == null) {
            throw SpeechException.lasting("a route of a speech provider has sent nothing between 'ask' and 'answer'; "
                    + "its http endpoint needs httpClientConfigurer: \"#speechCalls\"");
        }
        exchange.getMessage().removeHeaders("*");
        exchange.getMessage().setBody(answer);
    }

    @Override
    public void configureHttpClient(HttpClientBuilder client) {
        client.disableAutomaticRetries()
                .disableRedirectHandling()
                .disableCookieManagement()
                .disableAuthCaching()
                .disableContentCompression()
                .addExecInterceptorFirst("speech", this::exchange);
    }

    private ClassicHttpResponse exchange(ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
            throws IOException, HttpException {
        Header id = request.getFirstHeader(ID);
        Call call = id == null ? null : calls.get(id.getValue());
        if (call == null) {
            throw SpeechException.lasting("a route sends to a speech provider what no bean's 'ask' has made ready");
        }
        call.http().headers().forEach(request::setHeader);
        AtomicBoolean late = new AtomicBoolean();
        Runnable end = () -> end(scope);
        CompletableFuture<Void> deadline = new CompletableFuture<>();
        deadline.completeOnTimeout(null, call.request().limit().toMillis(), TimeUnit.MILLISECONDS)
                .thenRun(() -> {
                    late.set(true);
                    end.run();
                });
        try (Cancellation.Registration wish = call.request().cancellation().onCancel(end)) {
            ClassicHttpResponse response = chain.proceed(request, scope);
            call.answer().complete(receive(call, response));
            response.setEntity(new ByteArrayEntity(new byte[0], null));
            return response;
        } catch (IOException | HttpException | RuntimeException e) {
            // Without this, leaving an endless answer would mean reading it to its end.
            end.run();
            throw explained(call, late.get(), e);
        } finally {
            deadline.cancel(false);
        }
    }

    private static void end(ExecChain.Scope scope) {
        if (scope.originalRequest instanceof Cancellable request) {
            request.cancel();
        } else {
            scope.execRuntime.discardEndpoint();
        }
    }

    private static SpeechAnswer receive(Call call, ClassicHttpResponse response) throws IOException {
        HttpEntity entity = response.getEntity();
        return call.reception()
                .take(new Reception.Response(
                        response.getCode(),
                        name -> Optional.ofNullable(response.getFirstHeader(name))
                                .map(Header::getValue),
                        entity == null ? java.io.InputStream.nullInputStream() : entity.getContent()));
    }

    private IOException explained(Call call, boolean late, Exception e) {
        call.request().cancellation().throwIfCancelled();
        String who = call.reception().who();
        if (late) {
            return SpeechException.passing(
                    who + " did not finish within " + call.request().limit().toMillis() / 1000.0 + " s (tts.timeout)");
        }
        if (e instanceof SpeechException told) {
            return told;
        }
        if (e instanceof FileSystemException ours) {
            return ours;
        }
        String why = e.getMessage() == null ? e.getClass().getSimpleName() : secrets.hide(e.getMessage());
        SpeechException broken = SpeechException.passing(who + " could not be reached or broke off: " + why);
        broken.addSuppressed(e);
        return broken;
    }
}
