package dev.millrace.tokenizer.vocabulary;

import java.util.Random;

/// Texts that nobody writes.
final class RandomTexts {
    private static final String[] ALPHABETS = {
        "ab ",
        "the quick brown fox. ",
        "  \t\n\r",
        "0123456789",
        "é\u0301ßЖ我한🦙",
        "<|im_start|>",
        "'s't're.,!?",
        "\u0000\u0085\u3000"
    };

    private RandomTexts() {}

    /// A few runs of random code points, some from all of Unicode, some from small alphabets. No unpaired surrogates.
    static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int runs = random.nextInt(6); runs >= 0; runs--) {
            int alphabet = random.nextInt(ALPHABETS.length + 1);
            for (int length = random.nextInt(20); length > 0; length--) {
                text.appendCodePoint(alphabet == ALPHABETS.length ? anyCodePoint(random) : from(alphabet, random));
            }
        }
        return text.toString();
    }

    private static int from(int alphabet, Random random) {
        int[] codePoints = ALPHABETS[alphabet].codePoints().toArray();
        return codePoints[random.nextInt(codePoints.length)];
    }

    private static int anyCodePoint(Random random) {
        int codePoint = random.nextInt(Character.MAX_CODE_POINT + 1);
        return codePoint >= 0xD800 && codePoint <= 0xDFFF ? 'x' : codePoint;
    }
}
