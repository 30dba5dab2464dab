package dev.millrace.gateway.fake;

import java.io.IOException;
import java.io.UncheckedIOException;

/// One gateway and one tokenizer-service for all tests that need no settings of their own; they live as long as the
/// test process.
public final class TestServers {
    /// What the gateway talks to.
    public static final FakeTokenizer TOKENIZER = tokenizer();

    /// The gateway with default settings, but for a shorter heartbeat.
    public static final RunningGateway GATEWAY =
            RunningGateway.start(TOKENIZER.address(), "millrace.heartbeat=200ms", "millrace.max-body-bytes=1MB");

    private TestServers() {}

    private static FakeTokenizer tokenizer() {
        try {
            return new FakeTokenizer(0);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
