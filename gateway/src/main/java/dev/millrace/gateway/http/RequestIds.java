package dev.millrace.gateway.http;

import java.util.concurrent.ThreadLocalRandom;

/// Names of requests, in answers and in logs.
public final class RequestIds {
    /// The header that tells a client the name of its request.
    public static final String HEADER = "x-request-id";

    private static final String LETTERS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private static final int LENGTH = 24;

    private RequestIds() {}

    /// A new name.
    ///
    /// @param prefix what it starts with, such as `chatcmpl-`
    public static String next(String prefix) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        StringBuilder name = new StringBuilder(prefix.length() + LENGTH).append(prefix);
        for (int i = 0; i < LENGTH; i++) {
            name.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
        }
        return name.toString();
    }
}
