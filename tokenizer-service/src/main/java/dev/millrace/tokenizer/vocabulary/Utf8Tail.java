package dev.millrace.tokenizer.vocabulary;

/// Looks for a character at the end of some bytes whose last bytes are still to come.
final class Utf8Tail {
    private Utf8Tail() {}

    /// How many bytes at the end are the beginning of a character that is not yet wrong: 0 to 3.
    static int incomplete(byte[] bytes) {
        for (int length = 1; length <= 3 && length <= bytes.length; length++) {
            int first = bytes[bytes.length - length] & 0xFF;
            if (first >= 0xC0) {
                int second = length > 1 ? bytes[bytes.length - length + 1] & 0xFF : -1;
                return length < size(first) && (length == 1 || canFollow(first, second)) ? length : 0;
            }
            if (first < 0x80) {
                return 0;
            }
        }
        return 0;
    }

    /// How many bytes a character has that begins so; 0 where none does.
    private static int size(int first) {
        if (first < 0xC2 || first > 0xF4) {
            return 0;
        }
        return first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    }

    /// Whether the two first bytes leave out the longer spellings and what is beyond U+10FFFF. Surrogates are left to
    /// Java, which replaces the three bytes of one by a single U+FFFD.
    private static boolean canFollow(int first, int second) {
        return switch (first) {
            case 0xE0 -> second >= 0xA0;
            case 0xF0 -> second >= 0x90;
            case 0xF4 -> second <= 0x8F;
            default -> true;
        };
    }
}
